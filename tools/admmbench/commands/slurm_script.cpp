#include "tools/admmbench/commands/slurm_script.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <stdexcept>
#include <string_view>

#include "experiments/harness/plan/plan.hpp"
#include "tools/admmbench/console.hpp"

namespace admmbench {

namespace {

/// Slurm's MaxArraySize if nobody has changed it: indices are less than that.
constexpr std::size_t usual_array_size = 1001;

std::string quoted(const std::string& word) {
  const char* const text = word.c_str();
  return shell_quoted(1, &text);
}

/// In the characters that Slurm and file names take.
std::string job_name(const std::string& experiment) {
  std::string name;
  for (const char c : experiment)
    name += std::string_view("/ \t\n'\"\\%").find(c) == std::string_view::npos ? c : '-';
  return name;
}

/// Indices of session.runs, for each task.
using Tasks = std::vector<std::vector<std::size_t>>;

Tasks tasks_of(const Session& session, const SlurmOptions& options) {
  Tasks tasks;
  for (std::size_t i = 0; i < session.runs.size(); ++i) {
    if (session.cached[i] && !options.force) continue;
    const bool full = tasks.empty() || tasks.back().size() >= static_cast<std::size_t>(options.per_task);
    if (full) tasks.emplace_back();
    tasks.back().push_back(i);
  }
  if (tasks.empty())
    throw std::invalid_argument(
        "all runs have complete results: there is nothing to submit (--force runs them again)");
  return tasks;
}

/// What the largest task needs; empty if that is not known of one of its runs. A task makes its runs one after the other.
struct TaskNeed {
  std::optional<double> seconds = 0, bytes = 0;
  std::size_t time_unknown = 0, memory_unknown = 0;  ///< runs
};

TaskNeed need_of(const Tasks& tasks, const RunForecast& forecast) {
  TaskNeed need;
  double longest = 0;
  double largest = 0;
  for (const std::vector<std::size_t>& task : tasks) {
    double seconds = 0;
    for (const std::size_t i : task) {
      seconds += forecast.seconds[i].value_or(0);
      largest = std::max(largest, forecast.bytes[i].value_or(0));
      need.time_unknown += forecast.seconds[i] ? 0U : 1U;
      need.memory_unknown += forecast.bytes[i] ? 0U : 1U;
    }
    longest = std::max(longest, seconds);
  }
  need.seconds = need.time_unknown > 0 ? std::nullopt : std::optional(longest);
  need.bytes = need.memory_unknown > 0 ? std::nullopt : std::optional(largest);
  return need;
}

/// True if the user has given sbatch's option `name`.
bool given(const SlurmOptions& options, const std::string& name) {
  return std::any_of(options.also.begin(), options.also.end(), [&](const std::string& option) {
    return option == name || option.starts_with(name + "=");
  });
}

/// That share a run: as `parallel:` says, which may leave it open, or the user's --ntasks.
long processes_of(const Experiment& experiment, const SlurmOptions& options) {
  const std::string key = "ntasks=";
  for (const std::string& option : options.also) {
    if (!option.starts_with(key)) continue;
    long count = 0;
    const char* end = option.data() + option.size();
    const auto [rest, error] = std::from_chars(option.data() + key.size(), end, count);
    if (error != std::errc{} || rest != end || count < 1)
      throw std::invalid_argument(fmt::format("--sbatch {}: allowed: a whole number >= 1", option));
    return count;
  }
  const ParallelOptions& shared = experiment.parallel;
  return std::max(1L, static_cast<long>(shared.layers.size())) * shared.samples.value_or(1);
}

std::string directives(const Session& session, const SlurmOptions& options, std::size_t tasks,
                       const TaskNeed& need) {
  using namespace slurm_reserve;
  constexpr double mega = 1e6;
  const std::string name = job_name(session.experiment.name);
  const long processes = processes_of(session.experiment, options);
  std::vector<std::pair<std::string, std::string>> lines{{"job-name", name},
                                                         {"array", fmt::format("0-{}", tasks - 1)},
                                                         {"ntasks", std::to_string(processes)},
                                                         {"cpus-per-task", std::to_string(options.threads)}};
  if (need.bytes)
    lines.emplace_back("mem",
                       fmt::format("{:.0f}M", std::ceil(static_cast<double>(processes) *
                                                        (memory_factor * *need.bytes + least_bytes) / mega)));
  if (need.seconds) lines.emplace_back("time", slurm_time(time_factor * *need.seconds + least_seconds));
  lines.emplace_back("signal", "TERM@60");
  lines.emplace_back("output", name + "-%A_%a.log");
  lines.emplace_back("open-mode", "append");
  std::string text;
  for (const auto& [key, value] : lines) {
    if (!given(options, key)) text += fmt::format("#SBATCH --{}={}\n", key, value);
  }
  if (session.experiment.alone) text += "#SBATCH --exclusive\n";  // its runs are timed
  for (const std::string& option : options.also) text += fmt::format("#SBATCH --{}\n", option);
  return text;
}

std::string cases(const Session& session, const Tasks& tasks) {
  std::string text = "case $task in\n";
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    text += fmt::format("  {}) runs=(", t);
    for (std::size_t i = 0; i < tasks[t].size(); ++i) {
      const Run& run = session.runs[tasks[t][i]];
      text += fmt::format("{}{}", i == 0 ? "" : " ", quoted(run_name(session.experiment, run)));
    }
    text += ") ;;\n";
  }
  return text + fmt::format("  *) echo \"no task $task: there are 0 to {}\" >&2; exit 2 ;;\nesac\n",
                            tasks.size() - 1);
}

std::string run_command(const SlurmOptions& options) {
  std::string command = fmt::format("\"$admmbench\" run {}", quoted(options.experiment));
  if (!options.profile.empty()) command += " --profile " + quoted(options.profile);
  for (const std::string& setting : options.settings) command += " --set " + quoted(setting);
  if (options.force) command += " --force";
  return command + fmt::format(" --out \"$out\" --threads {} \"${{only[@]}}\"", options.threads);
}

std::string forecast_text(const TaskNeed& need) {
  using namespace slurm_reserve;
  std::string text;
  if (need.seconds)
    text += fmt::format(
        "# Time: the longest task is expected to take {:.0f} s; asked for: {:g} times that and {:.0f} "
        "minutes.\n",
        std::ceil(*need.seconds), time_factor, least_seconds / 60);
  if (need.bytes)
    text += fmt::format(
        "# Memory: the largest run needs {:.0f} MB by the cost model; asked for: {:g} times that and {:.0f} "
        "MB.\n",
        std::ceil(*need.bytes / 1e6), memory_factor, least_bytes / 1e6);
  return text;
}

std::vector<std::string> warnings_of(const Session& session, const SlurmOptions& options, const Tasks& tasks,
                                     const TaskNeed& need) {
  std::vector<std::string> warnings;
  if (!need.seconds && !given(options, "time"))
    warnings.push_back(fmt::format(
        "the time of {} runs is not known: no --time; `--sbatch time=HH:MM:SS` sets it", need.time_unknown));
  if (!need.bytes && !given(options, "mem"))
    warnings.push_back(fmt::format("the memory of {} runs is not known: no --mem; `--sbatch mem=4G` sets it",
                                   need.memory_unknown));
  if (tasks.size() >= usual_array_size)
    warnings.push_back(fmt::format(
        "{} tasks are more than Slurm's usual MaxArraySize of {} admits; --per-task makes them fewer",
        tasks.size(), usual_array_size));
  std::vector<std::string> absent;
  for (const std::vector<std::size_t>& task : tasks) {
    for (const std::size_t i : task) {
      const std::size_t dataset = session.runs[i].dataset;
      const std::string& label = session.experiment.datasets[dataset].request.label;
      if (session.identities[dataset].empty() &&
          std::find(absent.begin(), absent.end(), label) == absent.end())
        absent.push_back(label);
    }
  }
  if (!absent.empty())
    warnings.push_back(
        fmt::format("not at hand: {}; nodes often have no network: `admmbench data fetch` first",
                    fmt::join(absent, ", ")));
  return warnings;
}

}  // namespace

std::string slurm_time(double seconds) {
  constexpr long minutes_of_day = 24 * 60;
  const long minutes = std::lround(std::ceil(seconds / 60));
  const std::string days = minutes >= minutes_of_day ? fmt::format("{}-", minutes / minutes_of_day) : "";
  return fmt::format("{}{:02}:{:02}:00", days, minutes % minutes_of_day / 60, minutes % 60);
}

SlurmScript slurm_script(const Session& session, const RunForecast& forecast, const SlurmOptions& options) {
  const Tasks tasks = tasks_of(session, options);
  const TaskNeed need = need_of(tasks, forecast);
  std::size_t runs = 0;
  for (const auto& task : tasks) runs += task.size();
  SlurmScript script;
  script.tasks = tasks.size();
  script.warnings = warnings_of(session, options, tasks, need);
  script.text = "#!/bin/bash\n" + directives(session, options, tasks.size(), need);
  script.text += fmt::format(
      "# {} runs of {} in {} tasks: submit with `sbatch THIS`; submitted again, it makes what is missing and "
      "goes on from checkpoints.\n"
      "# By hand: SLURM_ARRAY_TASK_ID=0 bash THIS. Made by: {}\n{}set -u\n",
      runs, session.experiment.name, tasks.size(), options.made_by, forecast_text(need));
  script.text +=
      fmt::format("admmbench=${{ADMMBENCH:-{}}}\ntask=${{SLURM_ARRAY_TASK_ID:?is set by sbatch}}\n{}\n",
                  quoted(options.program), cases(session, tasks));
  script.text +=
      fmt::format("out={}{}\n", quoted(options.out.string()), options.own_folders ? ".tasks/$task" : "");
  script.text += fmt::format(
      "only=()\nfor run in \"${{runs[@]}}\"; do only+=(--only \"run=$run\"); done\n"
      "# As a step of the job the runs get Slurm's signals, and save what there is.\n"
      "step=()\nif [ -n \"${{SLURM_JOB_ID:-}}\" ]; then step=(srun --ntasks=\"$SLURM_NTASKS\" "
      "--cpus-per-task={}); fi\n"
      "code=0\n\"${{step[@]}}\" {} || code=$?\n",
      options.threads, run_command(options));
  if (options.own_folders)
    script.text +=
        fmt::format("\"$admmbench\" merge \"$out\" --into {} || code=$?\n", quoted(options.out.string()));
  script.text += "exit \"$code\"\n";
  return script;
}

}  // namespace admmbench
