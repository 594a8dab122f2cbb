#pragma once
/// The visitors of a parameter declaration (core/parameters.hpp): read from an experiment file, write the resolved
/// values, list the declaration.

#include <string>
#include <vector>

#include "core/parameters.hpp"
#include "experiments/harness/config/yaml_tree.hpp"

namespace admmbench {

/// A declared parameter, as `admmbench describe` shows it.
struct ParameterEntry {
  std::string name;     ///< dotted: step.initial
  std::string type;     ///< real, integer, boolean, reals, group, or the words: exact | backtracking
  std::string value;    ///< the value at hand, i.e. the default or the preset's
  std::string allowed;  ///< range, for numbers
  std::string meaning;
  int depth = 0;  ///< number of groups around it
};

/// Lists the whole declaration, members that apply to some choices only included.
class ParameterLister final : public ParameterVisitor {
 public:
  std::vector<ParameterEntry> entries;

  void real(std::string_view, double&, Range, std::string_view) override;
  void integer(std::string_view, long&, Range, std::string_view) override;
  void boolean(std::string_view, bool&, std::string_view) override;
  void word(std::string_view, int&, const std::vector<std::string>&, std::string_view) override;
  void integer_or_word(std::string_view, std::optional<long>&, std::string_view, Range,
                       std::string_view) override;
  void reals(std::string_view, std::vector<double>&, std::string_view) override;
  void begin_group(std::string_view, std::string_view) override;
  void end_group() override;
  bool wants_all() const override { return true; }

 private:
  void add(std::string_view name, std::string type, std::string value, std::string allowed,
           std::string_view meaning);
  std::vector<std::string> groups_;
};

/// Writes the values that apply, defaults included, as a mapping.
class ParameterWriter final : public ParameterVisitor {
 public:
  ParameterWriter() : stack_{{"", ConfigValue::map()}} {}
  ConfigValue result() const { return stack_.front().second; }

  void real(std::string_view, double&, Range, std::string_view) override;
  void integer(std::string_view, long&, Range, std::string_view) override;
  void boolean(std::string_view, bool&, std::string_view) override;
  void word(std::string_view, int&, const std::vector<std::string>&, std::string_view) override;
  void integer_or_word(std::string_view, std::optional<long>&, std::string_view, Range,
                       std::string_view) override;
  void reals(std::string_view, std::vector<double>&, std::string_view) override;
  void begin_group(std::string_view, std::string_view) override;
  void end_group() override;

 private:
  std::vector<std::pair<std::string, ConfigValue>> stack_;
};

/// Sets the parameters that a mapping gives and leaves the others, and those whose value does not fit the declaration,
/// which goes to `problems`; finish() must be called after the visit and finds the keys that do not exist.
///
/// A group may be written in three ways: {rule: backtracking, growth: 2} (`rule` and `method` stand for the group's
/// first word, whatever its name), as that word alone (step: exact), or {backtracking: {growth: 2}}.
class ParameterReader final : public ParameterVisitor {
 public:
  /// `declared`: all members there are, from a ParameterLister, to tell a wrong key from one that does not apply.
  ParameterReader(const ConfigValue& values, std::string path, std::vector<ParameterEntry> declared,
                  ConfigProblems& problems);
  void finish();

  void real(std::string_view, double&, Range, std::string_view) override;
  void integer(std::string_view, long&, Range, std::string_view) override;
  void boolean(std::string_view, bool&, std::string_view) override;
  void word(std::string_view, int&, const std::vector<std::string>&, std::string_view) override;
  void integer_or_word(std::string_view, std::optional<long>&, std::string_view, Range,
                       std::string_view) override;
  void reals(std::string_view, std::vector<double>&, std::string_view) override;
  void begin_group(std::string_view, std::string_view) override;
  void end_group() override;

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
  void check_keys(const Frame& frame);
  int read_group_word(Frame& frame, std::string_view name, int index, const std::vector<std::string>& words);

  std::vector<ParameterEntry> declared_;
  ConfigProblems& problems_;
  std::vector<Frame> stack_;
};

/// Reads `values` into `parameters` (anything with visit()): declaration, reading and checks in one call.
template <class Parameters>
void read_parameters(Parameters& parameters, const ConfigValue& values, const std::string& path,
                     ConfigProblems& problems) {
  ParameterLister lister;
  parameters.visit(lister);
  ParameterReader reader(values, path, std::move(lister.entries), problems);
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

/// The values of `parameters`, resolved.
template <class Parameters>
ConfigValue write_parameters(Parameters& parameters) {
  ParameterWriter writer;
  parameters.visit(writer);
  return writer.result();
}

}  // namespace admmbench
