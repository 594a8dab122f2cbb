#pragma once
/// A configuration as a plain value: the tree of a YAML text in which every value remembers where it was written,
/// so that profiles and `--set` can be merged in and errors still name file and line.

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace admmbench {

/// A mistake in an experiment file or on the command line. what() reads `file:line: key: what was wrong; allowed:
/// ...`.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ConfigValue {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  std::string text;                ///< scalar: as written
  bool quoted = false;             ///< scalar: written in quotes, so it is text and never a number
  std::vector<ConfigValue> items;  ///< list
  std::vector<std::pair<std::string, ConfigValue>> members;  ///< map, in the order of the file, keys distinct
  std::string origin;                                        ///< "file:line", or the --set argument

  // Defined out of line: the class holds pairs of itself, and Clang wants it complete before it looks into a pair.
  ConfigValue();
  ConfigValue(const ConfigValue&);
  ConfigValue(ConfigValue&&) noexcept;
  ConfigValue& operator=(const ConfigValue&);
  ConfigValue& operator=(ConfigValue&&) noexcept;
  ~ConfigValue();

  bool is_map() const { return kind == Kind::map; }
  bool is_list() const { return kind == Kind::list; }
  bool is_scalar() const { return kind == Kind::scalar; }

  const ConfigValue* find(std::string_view key) const;
  ConfigValue* find(std::string_view key);
  /// Sets member `key`, appending it if it is new.
  void set(std::string_view key, ConfigValue value);

  static ConfigValue scalar(std::string text, std::string origin = {});
  static ConfigValue string(std::string text);  ///< quoted where the plain text would not read back as text
  static ConfigValue number(double value);
  static ConfigValue number(long value);
  static ConfigValue boolean(bool value);
  static ConfigValue list();
  static ConfigValue map(std::string origin = {});
};

/// Reads YAML text; `source` is what origins are called. Throws ConfigError for YAML errors and repeated keys.
ConfigValue parse_yaml(const std::string& text, const std::string& source);
/// Reads a YAML file. Throws ConfigError if it cannot be read.
ConfigValue read_yaml(const std::filesystem::path& file);

/// YAML text, one line per top-level member, numbers with every digit that matters. parse_yaml() reads it back.
std::string to_yaml(const ConfigValue& value);
/// The same on one line, {a: 1, b: [2, 3]}.
std::string to_flow(const ConfigValue& value);

/// `override` laid over `base`: mappings are merged key by key, everything else is replaced.
ConfigValue merged(ConfigValue base, const ConfigValue& override);

/// Applies one `--set a.b.0.c=value`: keys and list positions separated by dots, the value in YAML. Mappings on the
/// way are created; a list position must exist. Throws ConfigError.
void apply_setting(ConfigValue& root, const std::string& setting);

/// Shortest text that reads back as `value`, always in a form that YAML 1.1 readers take for a number.
std::string number_text(double value);

/// Throws ConfigError "origin: key: what".
[[noreturn]] void config_error(const std::string& origin, const std::string& key, const std::string& what);

}  // namespace admmbench
