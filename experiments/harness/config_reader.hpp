#pragma once
/// Typed reading of ConfigValues. Every function throws ConfigError naming origin, key and the allowed values; `key`
/// is the dotted path of the value in the experiment file (solvers.0.params.rho).

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/parameters.hpp"
#include "experiments/harness/config_value.hpp"

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
/// Throws for a key that does not exist in the mapping at `path`.
[[noreturn]] void unknown_key(const std::string& origin, const std::string& path, const std::string& key,
                              const std::vector<std::string>& allowed);
/// "solvers.0" + "rho" -> "solvers.0.rho".
std::string child_path(const std::string& path, std::string_view key);

/// A mapping with a known set of keys; the constructor rejects others.
class MapReader {
 public:
  MapReader(const ConfigValue& value, std::string path, std::vector<std::string> allowed);

  const ConfigValue* find(std::string_view key) const { return value_.find(key); }
  /// Throws if `key` is missing.
  const ConfigValue& require(std::string_view key) const;
  std::string path(std::string_view key) const { return child_path(path_, key); }
  const std::string& origin() const { return value_.origin; }

 private:
  const ConfigValue& value_;
  std::string path_;
};

}  // namespace admmbench
