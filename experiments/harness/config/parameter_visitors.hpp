#pragma once
/// The visitors of a declaration (core/parameters.hpp): read from an experiment file, write the resolved values, list
/// what is declared. The same visitors serve the parameters of a method and the keys of an experiment.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/parameters.hpp"
#include "experiments/harness/config/yaml_tree.hpp"

namespace admmbench {

/// A declared parameter or key, as `admmbench describe` shows it.
struct ParameterEntry {
  std::string name;   ///< dotted: step.initial
  std::string type;   ///< real, integer, boolean, reals, text, group, ..., or the words: exact | backtracking
  std::string value;  ///< the value at hand, i.e. the default or the preset's; see default_of()
  std::string allowed;  ///< range, for numbers
  std::string meaning;
  int depth = 0;  ///< number of groups around it
  bool needed = false;
};

/// Reads `given`, whose key is `key`, into `target`. Throws ConfigError. Words and groups have more than one spelling, and are
/// read elsewhere.
void read_value(const Kind& target, const ConfigValue& given, const std::string& key);

/// The value at hand, which is the default before anything is read; none if it is empty, or out of its range.
std::optional<ConfigValue> default_of(const Kind& value);

/// Lists the whole declaration, members that apply to some choices only included.
class ParameterLister final : public ParameterVisitor {
 public:
  ParameterLister() : ParameterVisitor(true) {}
  std::vector<ParameterEntry> entries;

  void member(const Member& member) override;
  /// Without the members of groups.
  std::vector<std::string> top_names() const;

 private:
  std::string prefix_;
  int depth_ = 0;
};

/// Writes the values that apply, defaults included, as a mapping.
class ParameterWriter final : public ParameterVisitor {
 public:
  ConfigValue result = ConfigValue::map();
  void member(const Member& member) override;
};

/// Sets the members that a mapping gives and leaves the others, and those whose value does not fit the declaration,
/// which goes to `problems`. Two kinds of mappings differ in their spellings:
///
/// parameters: a group may be written in three ways: {rule: backtracking, growth: 2} (`rule` and `method` stand for the
/// group's first word, whatever its name), as that word alone (step: exact), or {backtracking: {growth: 2}}. Members
/// may apply to some choices only. finish() must be called after the visit and finds the keys that do not exist.
///
/// keys: a mapping is a mapping, its keys are known before it is read, and some are needed (but in an overlay, which is
/// laid over a mapping that has them).
class ParameterReader final : public ParameterVisitor {
 public:
  enum class Style { parameters, keys, overlay };

  /// `declared`: all members there are, to tell a wrong key from one that does not apply.
  ParameterReader(const ConfigValue& values, std::string path, ParameterLister declared,
                  ConfigProblems& problems, Style style = Style::parameters);
  void finish();
  void member(const Member& member) override;

 private:
  struct Frame {
    std::string path;                   ///< of the group, in the experiment file
    std::string group;                  ///< of the group, in the declaration
    const ConfigValue* values;          ///< null: the group is not given
    std::vector<std::string> visited;   ///< names of the members that apply
    std::vector<std::string> consumed;  ///< keys of `values` that were used
    std::string chosen;                 ///< "rule exact": the group's first word, for messages
    bool at_start = true;
    bool unclear = false;  ///< the first word is wrong, so nobody knows which members apply
  };

  const ConfigValue* take(std::string_view name);
  std::string path(std::string_view name) const;
  void check_length(const Member& member, const ConfigValue* given);
  void check_keys(const Frame& frame);
  void read_word(const Member& member, const kind::Word& word);
  void read_group(const Member& member, const kind::Group& group);
  void read_rest(const kind::Rest& rest);
  int read_group_word(Frame& frame, std::string_view name, int index, const std::vector<std::string>& words);

  ParameterLister declared_;
  ConfigProblems& problems_;
  Style style_;
  std::vector<Frame> stack_;
};

template <class Declared>
ParameterLister list_parameters(Declared&& declared) {
  ParameterLister lister;
  declared.visit(lister);
  return lister;
}

/// Reads `values` into `parameters` (anything with visit()): declaration, reading and checks in one call.
template <class Parameters>
void read_parameters(Parameters& parameters, const ConfigValue& values, const std::string& path,
                     ConfigProblems& problems,
                     ParameterReader::Style style = ParameterReader::Style::parameters) {
  ParameterReader reader(values, path, list_parameters(parameters), problems, style);
  parameters.visit(reader);
  reader.finish();
}

/// The same; throws ConfigError with all problems.
template <class Parameters>
void read_parameters(Parameters& parameters, const ConfigValue& values, const std::string& path) {
  ConfigProblems problems;
  read_parameters(parameters, values, path, problems);
  problems.throw_if_any();
}

/// The same for a mapping of an experiment file. Members of kind Other are left to the caller, who finds them with a
/// MapReader (yaml_reader.hpp).
template <class Keys>
void read_keys(Keys& keys, const ConfigValue& values, const std::string& path, ConfigProblems& problems) {
  read_parameters(keys, values, path, problems, ParameterReader::Style::keys);
}

/// The values of `parameters`, resolved.
template <class Parameters>
ConfigValue write_parameters(Parameters&& parameters) {
  ParameterWriter writer;
  parameters.visit(writer);
  return writer.result;
}

}  // namespace admmbench
