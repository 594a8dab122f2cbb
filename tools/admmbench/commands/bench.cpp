#include "tools/admmbench/commands/bench.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/io/child_process.hpp"
#include "core/program/installed_files.hpp"

namespace admmbench {

namespace {

namespace fs = std::filesystem;

struct BenchOptions {
  std::string filter;
  std::string out;
  long threads = 0;  ///< 0: as many as there are cores
  bool scaling = false;
  bool list = false;
};

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

void bench(const BenchOptions& options) {
  const fs::path here = fs::canonical("/proc/self/exe").parent_path();
  const fs::path program =
      require_file({here / "admmbench_benchmarks", here / "../libexec/admmbench/admmbench_benchmarks"},
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

}  // namespace

void add_bench_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("bench", "time kernels and iterations on this machine");
  const auto options = std::make_shared<BenchOptions>();
  command->add_option("--filter", options->filter, "only benchmarks whose name matches")->type_name("REGEX");
  command->add_option("--threads", options->threads, "threads [all cores]")
      ->type_name("T")
      ->check(CLI::Range(1L, 4096L));
  command
      ->add_option("-o,--out", options->out,
                   "the figures as JSON [build/bench/REVISION.json, admmbench-bench.json]")
      ->type_name("FILE");
  command->add_flag("--scaling", options->scaling,
                    "only the shapes that the cost model is calibrated with (admmbench scaling)");
  command->add_flag("--list", options->list, "the names, without timing anything");
  command->footer(
      "Examples:\n  admmbench bench --list\n  admmbench bench --filter iteration/mdlam --threads 1");
  command->callback([options] { bench(*options); });
}

}  // namespace admmbench
