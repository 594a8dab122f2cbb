#include "experiments/harness/config/yaml_tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>
#include <sstream>
#include <unordered_map>

#include "core/io/yaml_text.hpp"

namespace admmbench {

namespace {

/// More than anybody mends at a time.
constexpr std::size_t most_problems = 200;

/// Deeper nesting than any experiment has: an alias that contains itself.
constexpr int deepest = 32;

ConfigValue convert(const YAML::Node& node, const std::string& source, Origin origin, int depth);

/// The members of the map `node`, then those of the maps that its key `<<` merges in, as far as they are not given.
void convert_members(const YAML::Node& node, const std::string& source, int depth,
                     const std::function<Origin(const YAML::Node&)>& here, ConfigValue& value) {
  std::unordered_map<std::string, Origin> given;
  std::vector<ConfigValue> merged;
  for (const auto& member : node) {
    const Origin where = here(member.first);
    if (!member.first.IsScalar()) config_error(where, "YAML", "a key must be a word");
    const std::string& key = member.first.Scalar();
    const auto [earlier, fresh] = given.try_emplace(key, where);
    if (!fresh) config_error(where, key, fmt::format("given twice, first at {}", earlier->second.text()));
    ConfigValue converted = convert(member.second, source, where, depth + 1);
    if (key != "<<") {
      value.members.emplace_back(key, std::move(converted));
      continue;
    }
    std::vector<ConfigValue> bases;
    if (converted.is_list()) {
      bases = std::move(converted.items);
    } else {
      bases.push_back(std::move(converted));
    }
    for (ConfigValue& base : bases) {
      if (!base.is_map()) config_error(where, key, "merges something that is no mapping; allowed: mappings");
      merged.push_back(std::move(base));
    }
  }
  for (ConfigValue& base : merged) {
    for (auto& [key, member] : base.members) {
      if (given.try_emplace(key, member.origin).second) value.members.emplace_back(key, std::move(member));
    }
  }
}

ConfigValue convert(const YAML::Node& node, const std::string& source, Origin origin, int depth) {
  if (depth > deepest) config_error(origin, "YAML", "nested too deeply (an alias inside itself?)");
  ConfigValue value;
  value.origin = std::move(origin);
  const auto here = [&](const YAML::Node& part) {
    const YAML::Mark mark = part.Mark();
    return mark.line < 0 ? value.origin : Origin(source, mark.line + 1, mark.column + 1);
  };
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      value.kind = ConfigValue::Kind::scalar;
      value.text = node.Scalar();
      value.quoted = node.Tag() == "!";
      break;
    case YAML::NodeType::Sequence:
      value.kind = ConfigValue::Kind::list;
      for (const auto& item : node) value.items.push_back(convert(item, source, here(item), depth + 1));
      break;
    case YAML::NodeType::Map:
      value.kind = ConfigValue::Kind::map;
      convert_members(node, source, depth, here, value);
      break;
    case YAML::NodeType::Null:
    case YAML::NodeType::Undefined:
      break;
  }
  return value;
}

/// True if YAML reads `text`, written without quotes in a flow context, as this very text.
bool plain(const std::string& text) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+=-/() ";
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.front() == '-' ||
      text.front() == '=') {
    return false;
  }
  if (text.find_first_not_of(allowed) != std::string::npos) return false;
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const char* word : {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}) {
    if (lower == word) return false;
  }
  // Anything that starts like a number might be read as one.
  return text.find_first_of("0123456789.+") != 0;
}

std::string quote(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::size_t list_position(const ConfigValue& list, const std::string& part, const std::string& setting) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
  if (error != std::errc{} || end != part.data() + part.size() || index >= list.items.size()) {
    config_error("--set " + setting, part,
                 fmt::format("no such position in a list of {} entries; allowed: 0 to {}", list.items.size(),
                             list.items.empty() ? 0 : list.items.size() - 1));
  }
  return index;
}

std::string all_lines(const std::vector<ConfigProblem>& problems) {
  std::string text;
  for (const ConfigProblem& problem : problems) text += (text.empty() ? "" : "\n") + problem.text();
  return text;
}

}  // namespace

Origin::Origin(std::string where, int at_line, int at_column)
    : source(std::move(where)), line(at_line), column(at_column) {}
Origin::Origin(const char* where) : source(where) {}

std::string Origin::text() const { return line > 0 ? fmt::format("{}:{}", source, line) : source; }

std::string ConfigProblem::text() const {
  return key.empty() ? fmt::format("{}: {}", origin.text(), what)
                     : fmt::format("{}: {}: {}", origin.text(), key, what);
}

ConfigError::ConfigError(std::vector<ConfigProblem> problems)
    : std::runtime_error(all_lines(problems)), problems_(std::move(problems)) {}

void ConfigProblems::add(const ConfigProblem& problem) {
  if (found_.size() >= most_problems) return;
  if (known_.insert(fmt::format("{}:{}", problem.text(), problem.origin.column)).second)
    found_.push_back(problem);
  if (found_.size() == most_problems)
    found_.push_back({problem.origin, "", "further mistakes are not listed"});
}

void ConfigProblems::add(Origin origin, std::string key, std::string what) {
  add({std::move(origin), std::move(key), std::move(what)});
}

bool ConfigProblems::full() const { return found_.size() >= most_problems; }

void ConfigProblems::throw_if_any() const {
  if (!found_.empty()) throw ConfigError(found_);
}

void config_error(Origin origin, std::string key, std::string what) {
  throw ConfigError({{std::move(origin), std::move(key), std::move(what)}});
}

ConfigValue::ConfigValue() = default;
ConfigValue::ConfigValue(const ConfigValue&) = default;
ConfigValue::ConfigValue(ConfigValue&&) noexcept = default;
ConfigValue& ConfigValue::operator=(const ConfigValue&) = default;
ConfigValue& ConfigValue::operator=(ConfigValue&&) noexcept = default;
ConfigValue::~ConfigValue() = default;

const ConfigValue* ConfigValue::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

ConfigValue* ConfigValue::find(std::string_view key) {
  return const_cast<ConfigValue*>(std::as_const(*this).find(key));
}

void ConfigValue::set(std::string_view key, ConfigValue value) {
  kind = Kind::map;
  if (ConfigValue* present = find(key)) {
    *present = std::move(value);
  } else {
    members.emplace_back(std::string(key), std::move(value));
  }
}

ConfigValue ConfigValue::scalar(std::string text, Origin origin) {
  ConfigValue value;
  value.kind = Kind::scalar;
  value.text = std::move(text);
  value.origin = std::move(origin);
  return value;
}

ConfigValue ConfigValue::string(std::string text) {
  ConfigValue value = scalar(std::move(text));
  value.quoted = !plain(value.text);
  return value;
}

ConfigValue ConfigValue::number(double value) { return scalar(number_text(value)); }
ConfigValue ConfigValue::number(long value) { return scalar(std::to_string(value)); }
ConfigValue ConfigValue::boolean(bool value) { return scalar(value ? "true" : "false"); }

ConfigValue ConfigValue::numbers(const std::vector<long>& values) {
  ConfigValue list = ConfigValue::list();
  for (const long value : values) list.items.push_back(number(value));
  return list;
}

ConfigValue ConfigValue::list() {
  ConfigValue value;
  value.kind = Kind::list;
  return value;
}

ConfigValue ConfigValue::map(Origin origin) {
  ConfigValue value;
  value.kind = Kind::map;
  value.origin = std::move(origin);
  return value;
}

ConfigValue parse_yaml(const std::string& text, const std::string& source) {
  try {
    return convert(load_yaml(text), source, Origin(source, 1, 1), 0);
  } catch (const YAML::ParserException& error) {
    config_error({source, error.mark.line + 1, error.mark.column + 1}, "YAML", error.msg);
  }
}

ConfigValue read_yaml(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (!stream || std::filesystem::is_directory(file) || !(text << stream.rdbuf())) {
    config_error(file.string(), "", "cannot be read, or is empty");
  }
  return parse_yaml(text.str(), file.string());
}

std::string number_text(double value) {
  if (std::isnan(value)) return ".nan";
  if (std::isinf(value)) return value > 0 ? ".inf" : "-.inf";
  std::string text = fmt::format("{}", value);
  const auto exponent = text.find('e');
  if (exponent != std::string::npos && text.find('.') == std::string::npos) text.insert(exponent, ".0");
  return text;
}

std::string to_flow(const ConfigValue& value) {
  switch (value.kind) {
    case ConfigValue::Kind::null:
      return "null";
    case ConfigValue::Kind::scalar:
      return value.quoted ? quote(value.text) : value.text;
    case ConfigValue::Kind::list: {
      std::string out = "[";
      for (const ConfigValue& item : value.items) out += (out.size() > 1 ? ", " : "") + to_flow(item);
      return out + "]";
    }
    case ConfigValue::Kind::map:
      break;
  }
  std::string out = "{";
  for (const auto& [key, member] : value.members) {
    out += (out.size() > 1 ? ", " : "") + to_flow(ConfigValue::string(key)) + ": " + to_flow(member);
  }
  return out + "}";
}

std::string to_yaml(const ConfigValue& value) {
  if (!value.is_map() || value.members.empty()) return to_flow(value) + "\n";
  std::string out;
  for (const auto& [key, member] : value.members) {
    out += to_flow(ConfigValue::string(key)) + ": " + to_flow(member) + "\n";
  }
  return out;
}

ConfigValue merged(ConfigValue base, const ConfigValue& override) {
  if (!base.is_map() || !override.is_map()) return override;
  for (const auto& [key, value] : override.members) {
    ConfigValue* present = base.find(key);
    base.set(key, present == nullptr ? value : merged(std::move(*present), value));
  }
  return base;
}

const ConfigValue* find_path(const ConfigValue& root, std::string_view path) {
  const ConfigValue* at = &root;
  while (at != nullptr && !path.empty()) {
    const std::string_view part = path.substr(0, path.find('.'));
    std::size_t index = at->items.size();
    if (at->is_list()) std::from_chars(part.data(), part.data() + part.size(), index);
    at = index < at->items.size() ? &at->items[index] : at->find(part);
    path.remove_prefix(std::min(part.size() + 1, path.size()));
  }
  return at;
}

Origin origin_of(const ConfigValue& root, std::string_view path) {
  if (const ConfigValue* found = find_path(root, path)) return found->origin;
  const auto dot = path.rfind('.');
  return origin_of(root, path.substr(0, dot == std::string_view::npos ? 0 : dot));
}

void apply_setting(ConfigValue& root, const std::string& setting) {
  const std::string origin = "--set " + setting;
  const auto equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    config_error(origin, "--set",
                 "not understood; allowed: key=value, as in iterations=10 or solvers.0.params.rho=1");
  }
  ConfigValue* at = &root;
  std::istringstream parts(setting.substr(0, equals));
  for (std::string part; std::getline(parts, part, '.');) {
    if (at->is_list()) {
      at = &at->items[list_position(*at, part, setting)];
    } else if (at->is_map() || at->kind == ConfigValue::Kind::null) {
      if (at->find(part) == nullptr) at->set(part, ConfigValue{});
      at = at->find(part);
      if (at->origin.empty()) at->origin = origin;
    } else {
      config_error(
          origin, part,
          fmt::format("'{}' (at {}) is a single value and has no members", at->text, at->origin.text()));
    }
  }
  try {
    *at = convert(load_yaml(setting.substr(equals + 1)), origin, origin, 0);
  } catch (const YAML::ParserException& error) {
    config_error(origin, "value", error.msg);
  }
  // Lines within the argument mean nothing to its reader.
  const auto relabel = [&](const auto& self, ConfigValue& value) -> void {
    value.origin = origin;
    for (ConfigValue& item : value.items) self(self, item);
    for (auto& [key, member] : value.members) self(self, member);
  };
  relabel(relabel, *at);
}

}  // namespace admmbench
