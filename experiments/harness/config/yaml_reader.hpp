#pragma once
/// Typed reading of ConfigValues. Every function to_...() throws ConfigError naming origin, key and the allowed values; `key`
/// is the dotted path of the value in the experiment file (solvers.0.params.rho).

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/parameters.hpp"
#include "experiments/harness/config/yaml_tree.hpp"

namespace admmbench {

/// A finite number in `range`.
double to_real(const ConfigValue& value, const std::string& key, const Range& range);
/// A whole number in `range`; 10.0 and 1e3 are whole numbers too.
long to_integer(const ConfigValue& value, const std::string& key, const Range& range);
bool to_boolean(const ConfigValue& value, const std::string& key);
/// Any single value, as text.
std::string to_text(const ConfigValue& value, const std::string& key);
/// The position of the value in `words`.
int to_word(const ConfigValue& value, const std::string& key, const std::vector<std::string>& words);
/// A list; its items.
const std::vector<ConfigValue>& to_items(const ConfigValue& value, const std::string& key,
                                         std::string_view meaning);
std::vector<long> to_integers(const ConfigValue& value, const std::string& key, const Range& range);

/// True if `text` reads as a number (also .inf and .nan); `result` is then its value.
bool read_number(const ConfigValue& value, double& result);

/// "a, b, c".
std::string join(const std::vector<std::string>& words);
/// "; did you mean 'rho'?" if one of `words` is close to `word`, else nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& words);
/// What is wrong with a key that does not exist in the mapping at `path`.
ConfigProblem unknown_key(const Origin& origin, const std::string& path, const std::string& key,
                          const std::vector<std::string>& allowed);
/// "solvers.0" + "rho" -> "solvers.0.rho".
std::string child_path(const std::string& path, std::string_view key);

/// A mapping with a known set of keys. What is wrong in it is collected in `problems` and reading goes on: a member that
/// is missing or wrong leaves its target as it was.
class MapReader {
 public:
  /// Reports a value that is no mapping, and every key that is not `allowed`.
  MapReader(const ConfigValue& value, std::string path, const std::vector<std::string>& allowed,
            ConfigProblems& problems);

  /// Null if there is no such member.
  const ConfigValue* find(std::string_view key) const { return value_.find(key); }
  /// The same for a member that is needed: reports that it is missing.
  const ConfigValue* require(std::string_view key) const;
  std::string path(std::string_view key) const { return child_path(path_, key); }
  const Origin& origin() const { return value_.origin; }

  /// read(value, path of the key), if the member is there.
  template <class Read>
  void with(std::string_view key, Read&& read) const {
    if (const ConfigValue* given = find(key)) problems_.attempt([&] { read(*given, path(key)); });
  }
  template <class Read>
  void with_required(std::string_view key, Read&& read) const {
    if (const ConfigValue* given = require(key)) problems_.attempt([&] { read(*given, path(key)); });
  }

  /// Target: the type, or an optional of it.
  template <class Target>
  void real(std::string_view key, Target& target, const Range& range) const {
    with(key, [&](const ConfigValue& given, const std::string& at) { target = to_real(given, at, range); });
  }
  template <class Target>
  void integer(std::string_view key, Target& target, const Range& range) const {
    with(key,
         [&](const ConfigValue& given, const std::string& at) { target = to_integer(given, at, range); });
  }
  void text(std::string_view key, std::string& target) const {
    with(key, [&](const ConfigValue& given, const std::string& at) { target = to_text(given, at); });
  }
  /// An enumeration whose values are 0, 1, ... in the order of `words`.
  template <class Enum>
  void choice(std::string_view key, Enum& target, const std::vector<std::string>& words) const {
    with(key, [&](const ConfigValue& given, const std::string& at) {
      target = static_cast<Enum>(to_word(given, at, words));
    });
  }

 private:
  const ConfigValue& value_;
  std::string path_;
  ConfigProblems& problems_;
};

}  // namespace admmbench
