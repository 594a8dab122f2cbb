#include "tools/admmbench/commands/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "core/program/installed_files.hpp"
#include "experiments/harness/expected_memory.hpp"
#include "experiments/harness/expected_time.hpp"
#include "experiments/harness/run/memory.hpp"
#include "tools/admmbench/commands/experiment_options.hpp"
#include "tools/admmbench/commands/result_set.hpp"
#include "tools/admmbench/progress_display.hpp"

namespace admmbench {

namespace {

/// The summaries of the claims' and of the papers' runs, as far as they are installed.
std::vector<RunRecord> committed_runs() {
  std::vector<RunRecord> runs;
  for (const char* folder : {"results/summaries", "results/paper"}) {
    const std::filesystem::path path = installed_files() / folder;
    if (!std::filesystem::exists(path)) continue;
    ResultSet found = read_result_set(path.string());
    runs.insert(runs.end(), std::make_move_iterator(found.runs.begin()),
                std::make_move_iterator(found.runs.end()));
  }
  return runs;
}

/// The run that needs most memory, and what there is.
void print_memory(const Session& session) {
  const std::vector<std::optional<double>> expected = expected_memory(session);
  const auto most = std::max_element(expected.begin(), expected.end(), [](const auto& a, const auto& b) {
    return a.value_or(0) < b.value_or(0);
  });
  if (most == expected.end() || !*most) return;
  const Run& run = session.runs[static_cast<std::size_t>(most - expected.begin())];
  const std::optional<double> free = available_memory();
  fmt::print("memory of a run, at most: {} ({} / {}){}\n", memory_text(**most),
             session.experiment.datasets[run.dataset].request.label,
             session.experiment.solvers[run.solver].label,
             free ? fmt::format("; free: {}", memory_text(*free)) : "");
}

}  // namespace

void add_plan_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("plan", "list the runs of an experiment and which are cached");
  const auto options = std::make_shared<ExperimentOptions>();
  const auto name = std::make_shared<std::string>();
  command->add_option("experiment", *name, "experiment file, or the name of one under experiments/")
      ->required()
      ->type_name("EXPERIMENT");
  add_experiment_options(*command, *options);
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "machine-readable");
  command->footer(
      "Examples:\n  admmbench plan first-run\n  admmbench plan mine.yaml --only solver=dladmm --json");
  command->callback([options, name, json] {
    Downloads none;
    const Session session =
        open_session(load_chosen(*name, *options), session_options(*options, MissingData::leave), none);
    if (*json) {
      print_plan_json(session, expected_memory(session));
      return;
    }
    print_plan(session);
    fmt::print("expected, one run at a time: {}\n",
               expected_text(expected_time(session, committed_runs(), 1)));
    print_memory(session);
  });
}

}  // namespace admmbench
