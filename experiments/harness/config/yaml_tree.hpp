#pragma once
/// A configuration as a plain value: the tree of a YAML text in which every value remembers where it was written,
/// so that profiles and `--set` can be merged in and errors still name file and line.

#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace admmbench {

/// Where a value was written: a place in a file, or a command-line argument.
struct Origin {
  std::string source;  ///< the file, or the argument as it was given
  int line = 0;        ///< from 1; 0: not a place in a file
  int column = 0;      ///< from 1

  Origin() = default;
  Origin(std::string where, int at_line = 0, int at_column = 0);
  Origin(const char* where);

  bool empty() const { return source.empty(); }
  std::string text() const;  ///< "file:line", or the source alone
};

/// One mistake: where, in which key, and what is wrong and would be right.
struct ConfigProblem {
  Origin origin;
  std::string key;   ///< dotted path, or empty
  std::string what;  ///< "unknown key; did you mean 'rho'?; allowed: nu, rho"

  std::string text() const;  ///< `file:line: key: what`
};

/// Mistakes in an experiment file or on the command line; never none. what() has a line for each.
class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::vector<ConfigProblem> problems);
  const std::vector<ConfigProblem>& problems() const { return problems_; }

 private:
  std::vector<ConfigProblem> problems_;
};

/// Collects mistakes, so that all of them are reported and not only the first.
class ConfigProblems {
 public:
  /// Ignores what is known already: the points of a grid share their mistakes.
  void add(const ConfigProblem& problem);
  void add(Origin origin, std::string key, std::string what);
  /// Does `work` and keeps the ConfigError that it throws; true if it threw none.
  template <class Work>
  bool attempt(Work&& work) {
    try {
      work();
      return true;
    } catch (const ConfigError& error) {
      for (const ConfigProblem& problem : error.problems()) add(problem);
      return false;
    }
  }
  const std::vector<ConfigProblem>& found() const { return found_; }
  /// No more will be kept: nobody need look for more.
  bool full() const;
  /// Throws ConfigError if a problem was found.
  void throw_if_any() const;

 private:
  std::vector<ConfigProblem> found_;
  std::set<std::string> known_;  ///< what `found_` says
};

struct ConfigValue {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  std::string text;                ///< scalar: as written
  bool quoted = false;             ///< scalar: written in quotes, so it is text and never a number
  std::vector<ConfigValue> items;  ///< list
  std::vector<std::pair<std::string, ConfigValue>> members;  ///< map, in the order of the file, keys distinct
  Origin origin;

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

  static ConfigValue scalar(std::string text, Origin origin = {});
  static ConfigValue string(std::string text);  ///< quoted where the plain text would not read back as text
  static ConfigValue number(double value);
  static ConfigValue number(long value);
  static ConfigValue boolean(bool value);
  static ConfigValue numbers(const std::vector<long>& values);
  static ConfigValue list();
  static ConfigValue map(Origin origin = {});
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

/// The value at `path` ("solvers.0.params"), or null.
const ConfigValue* find_path(const ConfigValue& root, std::string_view path);
/// Where the value at `path` was written; what is not there was not written in the nearest mapping or list around it.
Origin origin_of(const ConfigValue& root, std::string_view path);

/// Throws ConfigError with this one problem.
[[noreturn]] void config_error(Origin origin, std::string key, std::string what);

}  // namespace admmbench
