#include "tools/admmbench/commands/bench.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/io/child_process.hpp"
#include "core/io/csv.hpp"
#include "core/program/code_version.hpp"
#include "core/program/installed_files.hpp"
#include "experiments/harness/config/yaml_tree.hpp"
#include "experiments/harness/run/environment.hpp"
#include "solvers/solver.hpp"
#include "tools/admmbench/commands/own_timings.hpp"

namespace admmbench {

namespace {

namespace fs = std::filesystem;

struct BenchOptions {
  std::string filter;
  std::string out;
  std::vector<std::string> solvers;
  std::vector<std::string> shapes;
  long repetitions = 1;
  double min_time = 0.5;
  long threads = 0;  ///< 0: as many as there are cores
  bool scaling = false;
  bool list = false;
};

/// What the sources of a user's own program register.
std::vector<std::string> own_solvers() {
  std::vector<std::string> names;
  for (const SolverInfo& info : registered_solvers()) {
    if (is_own(info.name)) names.push_back(info.name);
  }
  return names;
}

/// The first of `candidates` that is there.
fs::path require_file(const std::vector<fs::path>& candidates, const std::string& what) {
  std::string sought;
  for (const fs::path& candidate : candidates) {
    if (fs::exists(candidate)) return candidate;
    sought += (sought.empty() ? "" : ", ") + candidate.lexically_normal().string();
  }
  throw std::runtime_error(fmt::format("{} is not there (sought: {}); `make bench` builds it", what, sought));
}

/// Runs `command`; its exit code as one of ours.
int run_command(const std::vector<std::string>& command) {
  constexpr int usage = 2;
  constexpr int nothing_measured = 4;  // of tools/timings/bench: no benchmark has such a name
  switch (run_child_here(command)) {
    case 0:
      return 0;
    case usage:
    case nothing_measured:
      return 2;
    case 130:
      return 130;
    default:
      return 1;
  }
}

/// In this process, which has solvers that the benchmark program has not.
void bench_here(const BenchOptions& options, const std::vector<std::string>& solvers) {
  OwnTimingOptions what;
  what.solvers = solvers;
  what.shapes = options.shapes;
  what.filter = options.filter;
  what.repetitions = options.repetitions;
  what.min_time = options.min_time;
  const auto wanted = threads_of_environment();
  what.threads = options.threads > 0                       ? options.threads
                 : wanted && wanted->count.value_or(0) > 0 ? *wanted->count
                                                           : available_cores();
  const std::vector<std::string> names = own_benchmarks(what);
  if (options.list) {
    for (const std::string& name : names) fmt::print("{}\n", name);
    return;
  }
  if (names.empty())
    config_error("bench", "--filter " + options.filter, "no benchmark has such a name; --list shows them");
  const OwnTimings timings = time_own_benchmarks(what);
  if (!options.out.empty()) {
    write_text_file(options.out, timings.json);
    fmt::print("\nWritten: {}\n", options.out);
  }
  if (timings.failed > 0) throw CLI::RuntimeError(1);
}

void bench_suite(const BenchOptions& options) {
  const fs::path here = fs::canonical("/proc/self/exe").parent_path();
  const fs::path program =
      require_file({here / "admmbench_benchmarks", here / "../libexec/admmbench/admmbench_benchmarks",
                    installed_files() / "../../libexec/admmbench/admmbench_benchmarks"},
                   "the benchmark program");
  std::vector<std::string> command;
  if (options.list) {
    command = {program.string(), "--benchmark_list_tests"};
    if (options.scaling) command.emplace_back("--scaling");
    if (!options.filter.empty()) command.push_back("--benchmark_filter=" + options.filter);
  } else {
    const fs::path share = installed_files();
    command = {require_file({share / "tools/timings/bench"}, "the script that reports").string(), "--program",
               program.string()};
    const bool from_source = fs::exists(share / "CMakeLists.txt");  // then it knows a place of its own
    if (!options.filter.empty()) command.insert(command.end(), {"--filter", options.filter});
    if (options.threads > 0) command.insert(command.end(), {"--threads", std::to_string(options.threads)});
    if (options.scaling) command.emplace_back("--scaling");
    if (!options.out.empty() || !from_source)
      command.insert(command.end(), {"--out", options.out.empty() ? "admmbench-bench.json" : options.out});
  }
  if (const int code = run_command(command); code != 0) throw CLI::RuntimeError(code);
}

void bench(const BenchOptions& options) {
  const std::vector<std::string> solvers =
      options.solvers.empty() && !options.scaling ? own_solvers() : options.solvers;
  if (!solvers.empty()) {
    bench_here(options, solvers);
  } else {
    bench_suite(options);
  }
}

}  // namespace

void add_bench_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("bench", "time kernels and iterations on this machine");
  const auto options = std::make_shared<BenchOptions>();
  command->add_option("--filter", options->filter, "only benchmarks whose name matches")->type_name("REGEX");
  CLI::Option* solvers = command
                             ->add_option("--solver", options->solvers,
                                          "an iteration of this one alone; may be repeated [your own]")
                             ->type_name("SOLVER")
                             ->allow_extra_args(false);
  command
      ->add_option("--shape", options->shapes,
                   "its network and samples; may be repeated [256-256-256-10x1000]")
      ->type_name("SHAPE")
      ->allow_extra_args(false);
  command->add_option("--repetitions", options->repetitions, "of its timing [1]")
      ->type_name("N")
      ->check(CLI::Range(1L, 1000L));
  command->add_option("--min-time", options->min_time, "seconds of a repetition, at least")
      ->type_name("S")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  command->add_option("--threads", options->threads, "threads [all cores]")
      ->type_name("T")
      ->check(CLI::Range(1L, 4096L));
  command
      ->add_option("-o,--out", options->out,
                   "the figures as JSON [build/bench/REVISION.json, admmbench-bench.json]")
      ->type_name("FILE");
  command
      ->add_flag("--scaling", options->scaling,
                 "only the shapes that the cost model is calibrated with (admmbench scaling)")
      ->excludes(solvers);
  command->add_flag("--list", options->list, "the names, without timing anything");
  command->footer(
      "Examples:\n  admmbench bench --list\n  admmbench bench --filter iteration/mdlam --threads 1");
  command->callback([options] { bench(*options); });
}

}  // namespace admmbench
