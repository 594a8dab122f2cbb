#include "results/record/run_config.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "core/io/sha256.hpp"
#include "core/io/yaml_text.hpp"
#include "results/record/find_or_add.hpp"

namespace admmbench {

namespace {

std::string as_text(const YAML::Node& node) {
  YAML::Emitter out;
  out << YAML::Flow << node;
  return out.c_str();
}

void flatten(const YAML::Node& node, const std::string& prefix,
             std::vector<std::pair<std::string, std::string>>& values) {
  for (const auto& entry : node) {
    const std::string name = prefix + entry.first.as<std::string>();
    if (entry.second.IsMap()) {
      flatten(entry.second, name + ".", values);
    } else {
      values.emplace_back(name, entry.second.IsScalar() ? entry.second.Scalar() : as_text(entry.second));
    }
  }
}

/// What stands after "`key`: " on the line of `text` that begins with it.
std::string written_entry(const std::string& text, const std::string& key) {
  const std::string begin = key + ": ";
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(begin)) return line.substr(begin.size());
  }
  return {};
}

/// The braces after "params: " in a solver's entry.
std::string written_params(const std::string& solver) {
  const std::string key = "params: ";
  const std::size_t found = solver.find(key + "{");
  if (found == std::string::npos) return {};
  const std::size_t begin = found + key.size();
  std::size_t end = begin;
  int depth = 0;
  do {
    if (solver[end] == '{') ++depth;
    if (solver[end] == '}') --depth;
    ++end;
  } while (depth > 0 && end < solver.size());
  return solver.substr(begin, end - begin);
}

/// What a run's numbers do not depend on: its seed apart, only what people say of it.
bool is_setting(const std::string& key) { return key != "seed" && key != "note" && key != "published"; }

std::string settings_of(const std::string& text) {
  std::string settings;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && is_setting(line.substr(0, line.find(':')))) settings += line + "\n";
  }
  return settings;
}

std::vector<std::pair<std::string, std::string>> flat_settings(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> values;
  try {
    const YAML::Node root = load_yaml(text);
    if (root.IsMap()) flatten(root, "", values);
  } catch (const YAML::Exception&) {
    return {};
  }
  std::erase_if(values, [](const auto& value) { return !is_setting(value.first); });
  return values;
}

}  // namespace

RunConfig read_run_config(const std::string& text) {
  RunConfig result;
  try {
    const YAML::Node root = load_yaml(text);
    if (!root.IsMap()) return result;
    result.settings_sha256 = sha256(settings_of(text));
    if (root["profile"]) result.profile = root["profile"].as<std::string>();
    if (root["note"]) result.note = root["note"].as<std::string>();
    if (root["published"]) result.published = root["published"].as<std::vector<std::string>>();
    if (root["dataset"] && root["dataset"]["name"])
      result.dataset_name = root["dataset"]["name"].as<std::string>();
    if (root["solver"] && root["solver"]["params"]) flatten(root["solver"]["params"], "", result.params);
    if (root["grid"]) flatten(root["grid"], "", result.grid);
    if (root["record"] && root["record"]["iterates"])
      result.iterates = root["record"]["iterates"].as<std::vector<long>>();
  } catch (const YAML::Exception& error) {
    throw std::runtime_error(error.what());
  }
  return result;
}

WrittenConfig written_config(const std::string& text) {
  return {written_entry(text, "dataset"), written_entry(text, "network"), written_entry(text, "precision"),
          written_entry(text, "iterations"), written_params(written_entry(text, "solver"))};
}

std::vector<std::string> differing_settings(const std::string& a, const std::string& b) {
  const auto in_a = flat_settings(a);
  const auto in_b = flat_settings(b);
  const auto value_in = [](const auto& values, const std::string& key) -> std::string {
    const auto found =
        std::find_if(values.begin(), values.end(), [&](const auto& value) { return value.first == key; });
    return found == values.end() ? "not there" : found->second;
  };
  std::vector<std::string> keys;
  for (const auto* side : {&in_a, &in_b}) {
    for (const auto& value : *side) find_or_add(keys, value.first);
  }
  std::vector<std::string> differing;
  for (const std::string& key : keys) {
    const std::string left = value_in(in_a, key);
    const std::string right = value_in(in_b, key);
    if (left != right) differing.push_back(fmt::format("{}: {} and {}", key, left, right));
  }
  return differing;
}

std::string experiment_of(const std::string& text) {
  std::string experiment;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    // What chose the values of the other keys.
    const bool choice =
        line.starts_with("profile: ") || line.starts_with("grid: ") || line.starts_with("tuned: ");
    if (choice) continue;
    for (const char* single : {"dataset", "solver", "seed"}) {
      // A run has one of what an experiment lists.
      const std::string key = std::string(single) + ": ";
      if (line.starts_with(key)) line = fmt::format("{}s: [{}]", single, line.substr(key.size()));
    }
    if (!line.empty()) experiment += line + "\n";
  }
  return experiment;
}

}  // namespace admmbench
