#include "tools/admmbench/commands/plan.hpp"

#include <memory>

#include "tools/admmbench/commands/experiment_options.hpp"

namespace admmbench {

void add_plan_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("plan", "list the runs of an experiment and which are cached");
  const auto options = std::make_shared<ExperimentOptions>();
  add_experiment_options(*command, *options);
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "machine-readable");
  command->footer(
      "Examples:\n  admmbench plan first-run\n  admmbench plan mine.yaml --only solver=dladmm --json");
  command->callback([options, json] {
    const ChosenRuns chosen = choose_runs(*options, MissingData::leave);
    *json ? print_plan_json(chosen) : print_plan(chosen);
  });
}

}  // namespace admmbench
