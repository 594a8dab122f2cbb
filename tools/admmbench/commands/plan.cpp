#include "tools/admmbench/commands/plan.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/io/csv.hpp"
#include "core/program/installed_files.hpp"
#include "experiments/harness/expected_memory.hpp"
#include "experiments/harness/expected_time.hpp"
#include "experiments/harness/run/environment.hpp"
#include "experiments/harness/run/memory.hpp"
#include "results/costs/time_model.hpp"
#include "tools/admmbench/commands/experiment_options.hpp"
#include "tools/admmbench/commands/result_set.hpp"
#include "tools/admmbench/commands/slurm_script.hpp"
#include "tools/admmbench/console.hpp"
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

struct PlanOptions {
  std::string experiment;
  ExperimentOptions chosen;
  bool json = false;
  bool slurm = false;
  std::filesystem::path output;  ///< of the script; empty: standard output
  long per_task = 1;
  long threads = 0;  ///< 0: the experiment's, else 1
  bool own_folders = false;
  std::vector<std::string> sbatch;
};

/// By the committed runs, and for others by the calibrated model (docs/measured/scaling.md).
std::vector<std::optional<double>> forecast_seconds(const Session& session) {
  const MachineModel machine =
      fit_machine(read_calibration(installed_files() / "results/timings/scaling.json").timings);
  const std::vector<std::optional<RunShape>> shapes = expected_shapes(session);
  const auto modelled = [&](std::size_t i) -> std::optional<double> {
    const std::string& method = session.experiment.solvers[session.runs[i].solver].name;
    if (!shapes[i] || !machine.per_pass_byte.contains(method)) return std::nullopt;
    return predicted_seconds(machine, method, shapes[i]->cost);
  };
  return expected_seconds(session, committed_runs(), modelled);
}

void write_slurm(const PlanOptions& options, const Session& session, const Console& console) {
  SlurmOptions slurm;
  slurm.program = std::filesystem::read_symlink("/proc/self/exe").string();
  // A path would be another one in the job, a name would not.
  slurm.experiment = std::filesystem::is_regular_file(options.experiment)
                         ? std::filesystem::absolute(options.experiment).lexically_normal().string()
                         : options.experiment;
  slurm.profile = options.chosen.profile;
  slurm.settings = options.chosen.settings;
  slurm.out = std::filesystem::absolute(options.chosen.out).lexically_normal();
  slurm.force = options.chosen.force;
  slurm.per_task = options.per_task;
  slurm.threads = options.threads > 0 ? options.threads : session.experiment.threads.value_or(1);
  slurm.own_folders = options.own_folders;
  slurm.also = options.sbatch;
  slurm.made_by = console.command_line;
  const SlurmScript script = [&] {
    try {
      return slurm_script(session, {forecast_seconds(session), expected_memory(session)}, slurm);
    } catch (const std::invalid_argument& error) {
      throw CLI::ValidationError("--slurm", error.what());
    }
  }();
  for (const std::string& warning : script.warnings) spdlog::warn("{}", warning);
  if (options.output.empty()) {
    fmt::print("{}", script.text);
  } else {
    write_text_file(options.output, script.text);
  }
}

void plan(const PlanOptions& options, const Console& console) {
  Downloads none;
  const Session session = open_session(load_chosen(options.experiment, options.chosen),
                                       session_options(options.chosen, MissingData::leave), none);
  if (options.slurm) {
    write_slurm(options, session, console);
  } else if (options.json) {
    print_plan_json(session, expected_memory(session));
  } else {
    print_plan(session);
    fmt::print("expected, one run at a time: {}\n",
               expected_text(expected_time(session, committed_runs(), 1)));
    print_memory(session);
  }
}

}  // namespace

void add_plan_command(CLI::App& app, const Console& console) {
  CLI::App* command = app.add_subcommand("plan", "list the runs of an experiment and which are cached");
  const auto options = std::make_shared<PlanOptions>();
  command
      ->add_option("experiment", options->experiment,
                   "experiment file, or the name of one under experiments/")
      ->required()
      ->type_name("EXPERIMENT");
  add_experiment_options(*command, options->chosen);
  CLI::Option* json = command->add_flag("--json", options->json, "machine-readable");
  CLI::Option* slurm =
      command->add_flag("--slurm", options->slurm, "instead: the runs as a job array for sbatch")
          ->excludes(json);
  command->add_option("-o,--output", options->output, "write the script to this file")
      ->type_name("FILE")
      ->needs(slurm);
  command->add_option("--per-task", options->per_task, "runs of a task of the array")
      ->type_name("N")
      ->check(CLI::Range(1L, 1000000L))
      ->needs(slurm)
      ->capture_default_str();
  command->add_option("--threads", options->threads, "processors of a task [the experiment's, else 1]")
      ->type_name("T")
      ->check(CLI::Range(1L, 4096L))
      ->needs(slurm);
  command->add_flag("--own-folders", options->own_folders, "of each task, merged at its end")->needs(slurm);
  command->add_option("--sbatch", options->sbatch, "further, as partition=long; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->needs(slurm);
  command->footer("Example: admmbench plan first-run --slurm -o array.sh; sbatch array.sh");
  command->callback([options, &console] { plan(*options, console); });
}

}  // namespace admmbench
