#include "tools/admmbench/commands/describe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "experiments/harness/config/parameter_visitors.hpp"
#include "experiments/harness/config/yaml_reader.hpp"
#include "solvers/solver.hpp"
#include "tools/admmbench/json_text.hpp"

namespace admmbench {

namespace {

const SolverInfo& require_solver(const std::string& name) {
  if (const SolverInfo* info = find_solver(name)) return *info;
  std::vector<std::string> names;
  for (const SolverInfo& info : registered_solvers()) names.push_back(info.name);
  config_error("describe", name,
               fmt::format("no such solver{}; allowed: {}", did_you_mean(name, names), join(names)));
}

void print_parameters(ConfiguredSolver& solver, const std::string& value_heading) {
  ParameterLister lister;
  solver.visit(lister);
  std::vector<std::array<std::string, 4>> rows{{"parameter", "type", value_heading, "range"}};
  for (const ParameterEntry& entry : lister.entries)
    rows.push_back({entry.name, entry.type, entry.value, entry.allowed});
  std::array<std::size_t, 4> width{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    fmt::print("  {:<{}}  {:<{}}  {:<{}}  {:<{}}  {}\n", row[0], width[0], row[1], width[1], row[2], width[2],
               row[3], width[3], i == 0 ? "meaning" : lister.entries[i - 1].meaning);
  }
}

/// What of a run's work several processes can share, with these parameters: "layers", "samples", both or none.
std::vector<std::string> shared_by_processes(const ConfiguredSolver& configured) {
  const auto solver = configured.make_float64();
  std::vector<std::string> shared;
  if (solver->shares_layers()) shared.emplace_back("layers");
  if (solver->shares_samples()) shared.emplace_back("samples");
  return shared;
}

std::string shared_text(const ConfiguredSolver& configured) {
  const std::vector<std::string> shared = shared_by_processes(configured);
  return shared.empty() ? "nothing: a run is one process" : join(shared);
}

/// `text` in a cell of a Markdown table.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, 1, '\\');
  return text;
}

/// Parameters and presets as Markdown, for the method's page (tools/update-docs). What is too long for a cell stands under
/// the table.
void describe_in_markdown(const SolverInfo& info) {
  constexpr std::size_t widest_cell = 120;
  const auto solver = info.make_default();
  ParameterLister lister;
  solver->visit(lister);
  if (lister.entries.empty()) {
    fmt::print("`{}` has no parameters.\n", info.name);
  } else {
    fmt::print("| parameter of `{}` | default | allowed | meaning |\n|---|---|---|---|\n", info.name);
  }
  std::string below;
  for (const ParameterEntry& entry : lister.entries) {
    const std::string allowed = entry.allowed.empty() ? entry.type : entry.type + " " + entry.allowed;
    std::string meaning = cell(entry.meaning);
    if (meaning.size() > widest_cell) {
      below += fmt::format("- `{}`: {}\n", entry.name, entry.meaning);
      meaning = "see below";
    }
    fmt::print("| `{}` | {} | {} | {} |\n", entry.name,
               entry.value.empty() ? "" : "`" + cell(entry.value) + "`", cell(allowed), meaning);
  }
  if (!below.empty()) fmt::print("\n{}", below);
  fmt::print("\nProcesses can share: {}.\n", shared_text(*solver));
  if (info.presets.empty()) return;
  fmt::print("\nPresets of `{}`:\n\n", info.name);
  for (const Preset& preset : info.presets) fmt::print("- `{}`: {}\n", preset.name, preset.meaning);
}

void print_json(const SolverInfo& info, const std::string& preset, ConfiguredSolver& solver) {
  Json json{{"name", info.name}, {"summary", info.summary}, {"reference", info.reference}};
  json["presets"] = Json::array();
  for (const Preset& known : info.presets)
    json["presets"].push_back({{"name", known.name}, {"meaning", known.meaning}});
  json["processes_can_share"] = shared_by_processes(solver);
  json["values_of"] = preset.empty() ? "default" : preset;
  json["parameters"] = Json::array();
  ParameterLister lister;
  solver.visit(lister);
  for (const ParameterEntry& entry : lister.entries) {
    json["parameters"].push_back({{"name", entry.name},
                                  {"type", entry.type},
                                  {"value", entry.value},
                                  {"range", entry.allowed},
                                  {"meaning", entry.meaning}});
  }
  json["params"] = to_flow(write_parameters(solver));
  fmt::print("{}\n", json_text(json));
}

void describe(const std::string& name, const std::string& preset, bool json) {
  const SolverInfo& info = require_solver(name);
  const auto solver = info.make_default();
  if (!preset.empty() && !solver->apply_preset(preset)) {
    std::vector<std::string> presets;
    for (const Preset& known : info.presets) presets.push_back(known.name);
    config_error("describe " + name, "--preset " + preset,
                 fmt::format("no such preset{}; allowed: {}", did_you_mean(preset, presets),
                             presets.empty() ? "none" : join(presets)));
  }
  if (json) {
    print_json(info, preset, *solver);
    return;
  }
  fmt::print("{}: {}\nreference: {}\n\n", info.name, info.summary, info.reference);
  print_parameters(*solver, preset.empty() ? "default" : preset);
  if (!info.presets.empty()) fmt::print("\n");
  for (const Preset& known : info.presets) fmt::print("preset {}: {}\n", known.name, known.meaning);
  fmt::print("\nprocesses can share: {}\nparams: {}\n", shared_text(*solver),
             to_flow(write_parameters(*solver)));
}

}  // namespace

void add_describe_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("describe", "a solver's parameters, presets and reference");
  const auto name = std::make_shared<std::string>();
  const auto preset = std::make_shared<std::string>();
  command->add_option("solver", *name, "see admmbench list solvers")->required()->type_name("SOLVER");
  command->add_option("--preset", *preset, "show the values of this preset")->type_name("PRESET");
  const auto json = std::make_shared<bool>(false);
  const auto markdown = std::make_shared<bool>(false);
  CLI::Option* as_json = command->add_flag("--json", *json, "machine-readable");
  command->add_flag("--markdown", *markdown, "parameters and presets as Markdown")->excludes(as_json);
  command->footer("Examples:\n  admmbench describe dladmm\n  admmbench describe dladmm --preset released");
  command->callback([name, preset, json, markdown] {
    if (*markdown) {
      describe_in_markdown(require_solver(*name));
    } else {
      describe(*name, *preset, *json);
    }
  });
}

}  // namespace admmbench
