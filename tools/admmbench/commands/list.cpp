#include "tools/admmbench/commands/list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/program/installed_files.hpp"
#include "datasets/registry.hpp"
#include "experiments/harness/config/shipped_experiments.hpp"
#include "solvers/solver.hpp"
#include "tools/admmbench/json_text.hpp"

namespace admmbench {

namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

Rows rows_of(const std::string& what) {
  Rows rows;
  if (what == "solvers") {
    for (const SolverInfo& info : registered_solvers()) rows.emplace_back(info.name, info.summary);
  } else if (what == "datasets") {
    for (const RegistryEntry& entry : dataset_registry()) {
      rows.emplace_back(entry.name, entry.synthetic() ? "synthetic: " + entry.summary : entry.summary);
    }
  } else {
    for (const ShippedExperiment& entry : list_experiments(installed_files())) {
      rows.emplace_back(entry.name, entry.summary);
    }
  }
  return rows;
}

}  // namespace

void add_list_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("list", "list solvers, data sets or experiments");
  const auto what = std::make_shared<std::string>();
  const auto json = std::make_shared<bool>(false);
  command->add_option("what", *what, "solvers, datasets or experiments")
      ->required()
      ->check(CLI::IsMember({"solvers", "datasets", "experiments"}));
  command->add_flag("--json", *json, "machine-readable: [{name, summary}]");
  command->footer("Example:\n  admmbench list solvers");
  command->callback([what, json] {
    const Rows rows = rows_of(*what);
    if (*json) {
      auto list = nlohmann::ordered_json::array();
      for (const auto& [name, text] : rows) list.push_back({{"name", name}, {"summary", text}});
      fmt::print("{}\n", json_text(list));
      return;
    }
    std::size_t width = 0;
    for (const auto& [name, text] : rows) width = std::max(width, name.size());
    for (const auto& [name, text] : rows) fmt::print("{:<{}}  {}\n", name, width, text);
  });
}

}  // namespace admmbench
