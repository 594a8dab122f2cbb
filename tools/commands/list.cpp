#include "tools/commands/list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "core/io/share_folder.hpp"
#include "datasets/registry.hpp"
#include "experiments/harness/catalog.hpp"
#include "solvers/solver.hpp"

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
    for (const CatalogEntry& entry : list_experiments(share_folder())) {
      rows.emplace_back(entry.name, entry.summary);
    }
  }
  return rows;
}

}  // namespace

void add_list_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("list", "list solvers, datasets or experiments, one line each");
  const auto what = std::make_shared<std::string>();
  command->add_option("what", *what, "solvers, datasets or experiments")
      ->required()
      ->check(CLI::IsMember({"solvers", "datasets", "experiments"}));
  command->callback([what] {
    const Rows rows = rows_of(*what);
    std::size_t width = 0;
    for (const auto& [name, text] : rows) width = std::max(width, name.size());
    for (const auto& [name, text] : rows) fmt::print("{:<{}}  {}\n", name, width, text);
  });
}

}  // namespace admmbench
