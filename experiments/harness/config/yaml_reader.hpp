#pragma once
/// Typed reading of ConfigValues. Every function to_...() throws ConfigError naming origin, key and the allowed values; `key`
/// is the dotted path of the value in the experiment file (solvers.0.params.rho).

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/parameters.hpp"
#include "experiments/harness/config/yaml_tree.hpp"

namespace admmbench {

using Json = nlohmann::ordered_json;

/// A finite number in `range`.
double to_real(const ConfigValue& value, const std::string& key, const Range& range);
/// A whole number in `range`; 10.0 and 1e3 are whole numbers too.
long to_integer(const ConfigValue& value, const std::string& key, const Range& range);
bool to_boolean(const ConfigValue& value, const std::string& key);
/// Any single value, as text; of the form, if there is one.
std::string to_text(const ConfigValue& value, const std::string& key, const TextForm* form = nullptr);
/// The position of the value in `words`.
int to_word(const ConfigValue& value, const std::string& key, const std::vector<std::string>& words);
/// A list; its items.
const std::vector<ConfigValue>& to_items(const ConfigValue& value, const std::string& key,
                                         std::string_view meaning);

/// True if `text` reads as a number (also .inf and .nan); `result` is then its value.
bool read_number(const ConfigValue& value, double& result);

/// The same tree in JSON, numbers and truth values as such.
Json to_json(const ConfigValue& value);

/// "a, b, c"; of a long list the first ones and how many more there are.
std::string join(const std::vector<std::string>& words);
/// "; did you mean 'rho'?" if one of `words` is close to `word`, "; it is called 'mu' here" if `word` is another library's name for one
/// of them, else nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& words);
/// What is wrong with a key that does not exist in the mapping at `path`.
ConfigProblem unknown_key(const Origin& origin, const std::string& path, const std::string& key,
                          const std::vector<std::string>& allowed);
/// Reports a value that is no mapping, and every key that is not `allowed`.
void check_mapping(const ConfigValue& value, const std::string& path, const std::vector<std::string>& allowed,
                   ConfigProblems& problems);
/// "solvers.0" + "rho" -> "solvers.0.rho".
std::string child_path(const std::string& path, std::string_view key);

/// The members of a mapping, for the keys that no declaration can read alone. What is wrong in a member is collected in
/// `problems`, and reading goes on.
class MapReader {
 public:
  MapReader(const ConfigValue& value, std::string path, ConfigProblems& problems)
      : value_(value), path_(std::move(path)), problems_(problems) {}

  /// Null if there is no such member.
  const ConfigValue* find(std::string_view key) const { return value_.find(key); }
  std::string path(std::string_view key) const { return child_path(path_, key); }
  const Origin& origin() const { return value_.origin; }

  /// read(value, path of the key), if the member is there.
  template <class Read>
  void with(std::string_view key, Read&& read) const {
    if (const ConfigValue* given = find(key)) problems_.attempt([&] { read(*given, path(key)); });
  }
  /// The same for a needed one, of which it has been said already that nothing is there.
  template <class Read>
  void with_needed(std::string_view key, Read&& read) const {
    const ConfigValue* given = find(key);
    if (given != nullptr && given->kind != ConfigValue::Kind::null) with(key, read);
  }

 private:
  const ConfigValue& value_;
  std::string path_;
  ConfigProblems& problems_;
};

}  // namespace admmbench
