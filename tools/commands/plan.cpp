#include "tools/commands/plan.hpp"

#include <memory>

#include "tools/commands/experiment_options.hpp"

namespace admmbench {

void add_plan_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("plan", "list the runs of an experiment, and which are cached");
  const auto options = std::make_shared<ExperimentOptions>();
  add_experiment_options(*command, *options);
  command->callback([options] { print_plan(choose_runs(*options, MissingData::leave)); });
}

}  // namespace admmbench
