#include "experiments/harness/solver_grid.hpp"

#include <fmt/format.h>

#include <sstream>

#include "experiments/harness/config_reader.hpp"
#include "experiments/harness/keys.hpp"
#include "experiments/harness/parameter_visitors.hpp"

namespace admmbench {

namespace {

constexpr std::string_view label_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+=, -()";
constexpr std::size_t longest_label = 200;  // with ".h5" and friends well below the 255 bytes of a file name

bool is_label(const std::string& text) {
  return !text.empty() && text.size() <= longest_label &&
         text.find_first_not_of(label_characters) == std::string::npos && text.front() != '.' &&
         text.front() != ' ' && text.back() != ' ';
}

/// A grid value in a label: scalars as written, the leaves of anything else joined by '-'.
std::string grid_text(const ConfigValue& value) {
  std::string text = value.text;
  const auto add = [&](const ConfigValue& part) {
    if (!text.empty()) text += '-';
    text += grid_text(part);
  };
  for (const ConfigValue& item : value.items) add(item);
  for (const auto& [key, member] : value.members) add(member);
  return text;
}

/// Sets the parameter with the dotted name `key`.
void set_parameter(ConfigValue& params, const std::string& key, const ConfigValue& value) {
  ConfigValue* at = &params;
  std::istringstream parts(key);
  for (std::string part; std::getline(parts, part, '.');) {
    if (at->is_scalar()) {
      // `step: exact` beside a grid over step.initial: the word is the group's first member.
      const std::string word = at->text;
      const Origin origin = at->origin;
      *at = ConfigValue::map(origin);
      at->set("rule", ConfigValue::scalar(word, origin));
    }
    if (at->find(part) == nullptr) at->set(part, ConfigValue{});
    at = at->find(part);
    if (at->origin.empty()) at->origin = value.origin;
  }
  *at = value;
}

struct GridAxis {
  std::string key;
  std::vector<ConfigValue> values;
};

std::vector<GridAxis> read_grid(const ConfigValue& value, const std::string& path, ConfigProblems& problems) {
  if (!value.is_map()) config_error(value.origin, path, "not a mapping; allowed: parameter: [values]");
  std::vector<GridAxis> axes;
  for (const auto& [key, values] : value.members) {
    const std::string name = child_path(path, key);
    problems.attempt([&] {
      if (to_items(values, name, "values").empty())
        config_error(values.origin, name, "empty; allowed: at least one value");
      axes.push_back({key, values.items});
    });
  }
  return axes;
}

SolverVariant resolve(const SolverInfo& info, const std::string& preset, const ConfigValue& params,
                      const std::string& path, ConfigProblems& problems) {
  SolverVariant variant;
  variant.name = info.name;
  std::unique_ptr<ConfiguredSolver> configured = info.make_default();
  if (!preset.empty()) configured->apply_preset(preset);
  read_parameters(*configured, params, path, problems);
  variant.params = write_parameters(*configured);
  variant.configured = std::move(configured);
  return variant;
}

const SolverInfo* known_solver(const ConfigValue& value, const std::string& key) {
  std::vector<std::string> names;
  for (const SolverInfo& info : registered_solvers()) names.push_back(info.name);
  return find_solver(names[static_cast<std::size_t>(to_word(value, key, names))]);
}

std::string to_preset(const ConfigValue& value, const std::string& key, const SolverInfo& info) {
  std::vector<std::string> presets;
  for (const Preset& known : info.presets) presets.push_back(known.name);
  if (presets.empty()) config_error(value.origin, key, info.name + " has no presets");
  return presets[static_cast<std::size_t>(to_word(value, key, presets))];
}

std::vector<std::string> to_labels(const ConfigValue& value, const std::string& key) {
  std::vector<std::string> labels;
  for (const ConfigValue& item : to_items(value, key, "labels of data sets"))
    labels.push_back(to_text(item, key));
  if (labels.empty()) config_error(value.origin, key, "empty; allowed: at least one label");
  return labels;
}

}  // namespace

std::string to_label(const ConfigValue& value, const std::string& key) {
  std::string label = to_text(value, key);
  if (!is_label(label)) {
    config_error(
        value.origin, key,
        fmt::format("'{}' cannot be a folder name; allowed: letters, digits and . _ + = , - ( ), blanks "
                    "inside, at most {} characters, no dot at the start",
                    label, longest_label));
  }
  return label;
}

std::vector<SolverVariant> read_solver(const ConfigValue& value, const std::string& path,
                                       ConfigProblems& problems) {
  const MapReader entry(value, path, key_names(solver_keys()), problems);
  const SolverInfo* info = nullptr;
  entry.with_required(
      "name", [&](const ConfigValue& given, const std::string& key) { info = known_solver(given, key); });
  std::string label;
  entry.with("label",
             [&](const ConfigValue& given, const std::string& key) { label = to_label(given, key); });
  std::vector<std::string> datasets;
  entry.with("datasets",
             [&](const ConfigValue& given, const std::string& key) { datasets = to_labels(given, key); });
  std::vector<GridAxis> axes;
  entry.with("grid", [&](const ConfigValue& given, const std::string& key) {
    axes = read_grid(given, key, problems);
  });
  if (info == nullptr) return {};

  if (label.empty()) label = info->name;
  std::string preset;
  entry.with("preset", [&](const ConfigValue& given, const std::string& key) {
    preset = to_preset(given, key, *info);
  });
  ConfigValue params = ConfigValue::map(value.origin);
  if (const ConfigValue* given = entry.find("params"); given && given->kind != ConfigValue::Kind::null)
    params = *given;
  std::size_t points = 1;
  for (const GridAxis& axis : axes) points *= axis.values.size();

  std::vector<SolverVariant> variants;
  for (std::size_t point = 0; point < points; ++point) {
    ConfigValue at_point = params;
    std::vector<std::pair<std::string, std::string>> chosen;
    std::size_t rest = points;
    std::size_t index = point;
    for (const GridAxis& axis : axes) {
      rest /= axis.values.size();
      const ConfigValue& picked = axis.values[index / rest];
      index %= rest;
      if (at_point.is_map()) set_parameter(at_point, axis.key, picked);
      chosen.emplace_back(axis.key, grid_text(picked));
    }
    SolverVariant variant = resolve(*info, preset, at_point, entry.path("params"), problems);
    variant.label = label;
    variant.datasets = datasets;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      variant.label += fmt::format("{}{}={}", i == 0 ? '-' : ',', chosen[i].first, chosen[i].second);
    }
    if (!is_label(variant.label)) {
      problems.add(value.origin, entry.path("grid"),
                   fmt::format("the grid point's label '{}' cannot be a folder name", variant.label));
    }
    variant.grid = std::move(chosen);
    variants.push_back(std::move(variant));
  }
  return variants;
}

}  // namespace admmbench
