#include "tools/admmbench/commands/own_timings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>

#include "core/compute/cost.hpp"
#include "core/compute/counters.hpp"
#include "core/compute/parallel_pass.hpp"
#include "core/compute/rng.hpp"
#include "experiments/harness/config/yaml_reader.hpp"
#include "experiments/harness/run/environment.hpp"
#include "results/costs/replay.hpp"
#include "solvers/solver.hpp"
#include "tools/admmbench/json_text.hpp"

namespace admmbench {

namespace {

/// The sizes that the suite's own benchmarks of that name have.
constexpr const char* smoke_shape = "256-256-256-10x1000";

struct Benchmark {
  std::string name;
  std::string solver;
  CostShape shape;
};

struct Timing {
  std::vector<double> seconds;  ///< of an iteration, by repetition
  long iterations = 0;          ///< of the last repetition
  double flops = 0;             ///< of an iteration
  double gemm_seconds = 0;      ///< of an iteration's products alone; 0: there are none
};

CostShape timed_shape(const std::string& text) {
  try {
    CostShape shape = parse_shape(text);
    if (shape.batch == 0) return shape;
  } catch (const std::invalid_argument& error) {
    config_error("bench", "--shape " + text, error.what());
  }
  config_error("bench", "--shape " + text,
               "mini-batches are a parameter of the method; allowed: n_0-...-n_LxN");
}

const SolverInfo& timed_solver(const std::string& name) {
  if (const SolverInfo* info = find_solver(name)) return *info;
  std::vector<std::string> names;
  for (const SolverInfo& info : registered_solvers()) names.push_back(info.name);
  config_error("bench", "--solver " + name,
               fmt::format("no such solver{}; allowed: {}", did_you_mean(name, names), join(names)));
}

std::vector<Benchmark> chosen(const OwnTimingOptions& options) {
  std::regex wanted;
  try {
    wanted = std::regex(options.filter);
  } catch (const std::regex_error& error) {
    config_error("bench", "--filter " + options.filter,
                 fmt::format("not a regular expression: {}", error.what()));
  }
  std::vector<std::pair<std::string, CostShape>> shapes;
  for (const std::string& text : options.shapes) shapes.emplace_back(text, timed_shape(text));
  if (shapes.empty()) shapes.emplace_back("smoke", timed_shape(smoke_shape));
  std::vector<Benchmark> found;
  for (const std::string& solver : options.solvers) {
    timed_solver(solver);
    for (const auto& [size, shape] : shapes) {
      const std::string name = fmt::format("iteration/{}/{}", solver, size);
      if (std::regex_search(name, wanted)) found.push_back({name, solver, shape});
    }
  }
  return found;
}

/// Classes that differ in one feature, as in the suite's own benchmarks.
Problem<float> timed_problem(const CostShape& shape) {
  constexpr std::uint64_t stream = 99;
  Problem<float> problem;
  for (const double width : shape.widths) problem.widths.push_back(static_cast<arma::uword>(width));
  const arma::uword features = problem.widths.front();
  const arma::uword classes = problem.widths.back();
  Rng rng(1, stream);
  auto train = std::make_shared<Samples<float>>();
  train->x.set_size(features, static_cast<arma::uword>(shape.samples));
  fill_normal(rng, 1.0, train->x);
  train->labels.set_size(train->size());
  for (arma::uword n = 0; n < train->size(); ++n) {
    train->labels[n] = n % classes;
    train->x(train->labels[n] % features, n) += 2;
  }
  train->targets = one_hot<float>(train->labels, classes);
  problem.train = std::move(train);
  problem.gram = input_gram(problem);
  return problem;
}

/// One more iteration, counted: what it multiplied, and how long that takes alone.
void count_iteration(Solver<float>& solver, Timing& timing) {
  constexpr int replays = 5;
  std::vector<Product> products;
  Counters counters;
  counters.log = &products;
  {
    const Counting counting(counters);
    solver.step();
  }
  timing.flops = static_cast<double>(counters.flops());
  if (!products.empty()) timing.gemm_seconds = replay_seconds<float>(products, replays);
}

Timing time_benchmark(const Benchmark& benchmark, const OwnTimingOptions& options) {
  using Clock = std::chrono::steady_clock;
  const Problem<float> problem = timed_problem(benchmark.shape);
  const auto solver = timed_solver(benchmark.solver).make_default()->make<float>();
  solver->initialize(problem, solver->initial_network(problem, 0), 0);
  solver->step();  // the first one touches memory
  Timing timing;
  for (long repetition = 0; repetition < options.repetitions; ++repetition) {
    double seconds = 0;
    timing.iterations = 0;
    while (seconds < options.min_time || timing.iterations == 0) {
      const auto begin = Clock::now();
      solver->step();
      seconds += std::chrono::duration<double>(Clock::now() - begin).count();
      ++timing.iterations;
    }
    timing.seconds.push_back(seconds / static_cast<double>(timing.iterations));
  }
  count_iteration(*solver, timing);
  return timing;
}

Json entry(const Benchmark& benchmark) {
  return {{"name", benchmark.name}, {"run_name", benchmark.name}, {"run_type", "iteration"}};
}

void add_entries(Json& entries, const Benchmark& benchmark, const Timing& timing) {
  constexpr double milliseconds = 1e3;
  for (std::size_t r = 0; r < timing.seconds.size(); ++r) {
    Json one = entry(benchmark);
    one["repetitions"] = timing.seconds.size();
    one["repetition_index"] = r;
    one["iterations"] = timing.iterations;
    one["real_time"] = milliseconds * timing.seconds[r];
    one["cpu_time"] = milliseconds * timing.seconds[r];
    one["time_unit"] = "ms";
    if (timing.gemm_seconds > 0) {
      one["gflops"] = timing.flops / timing.seconds[r] * 1e-9;
      one["gemm_seconds"] = timing.gemm_seconds;
      one["ratio"] = timing.seconds[r] / timing.gemm_seconds;
    }
    entries.push_back(std::move(one));
  }
}

std::string milliseconds_text(double seconds) { return fmt::format("{:.3f} ms", 1e3 * seconds); }

void print_row(const Benchmark& benchmark, std::size_t width, const Timing& timing) {
  std::vector<double> sorted = timing.seconds;
  std::sort(sorted.begin(), sorted.end());
  const double seconds = sorted[sorted.size() / 2];
  std::string line = fmt::format("{:<{}}  {:>12}", benchmark.name, width, milliseconds_text(seconds));
  if (timing.gemm_seconds > 0) {
    line += fmt::format("  {:>8.1f}  {:>14}  {:>6.2f}", timing.flops / seconds * 1e-9,
                        milliseconds_text(timing.gemm_seconds), seconds / timing.gemm_seconds);
  }
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

Json context_of(const OwnTimingOptions& options) {
  const Environment environment = probe_environment();
  return {{"host_name", environment.host},
          {"cpu", environment.cpu},
          {"blas", environment.blas},
          {"vectors", environment.vectors},
          {"threads", std::to_string(options.threads)},
          {"git_commit", environment.git_commit}};
}

}  // namespace

std::vector<std::string> own_benchmarks(const OwnTimingOptions& options) {
  std::vector<std::string> names;
  for (const Benchmark& benchmark : chosen(options)) names.push_back(benchmark.name);
  return names;
}

OwnTimings time_own_benchmarks(const OwnTimingOptions& options) {
  const std::vector<Benchmark> benchmarks = chosen(options);
  const ComputeThreads compute(static_cast<std::size_t>(options.threads));
  std::size_t width = 0;
  for (const Benchmark& benchmark : benchmarks) width = std::max(width, benchmark.name.size());
  fmt::print("{:<{}}  {:>12}  {:>8}  {:>14}  {:>6}\n", "benchmark", width, "time", "GFLOP/s",
             "products alone", "ratio");
  OwnTimings timings;
  Json report{{"context", context_of(options)}, {"benchmarks", Json::array()}};
  for (const Benchmark& benchmark : benchmarks) {
    try {
      const Timing timing = time_benchmark(benchmark, options);
      print_row(benchmark, width, timing);
      add_entries(report["benchmarks"], benchmark, timing);
    } catch (const std::exception& error) {
      fmt::print("{:<{}}  failed: {}\n", benchmark.name, width, error.what());
      Json failed = entry(benchmark);
      failed["error_occurred"] = true;
      failed["error_message"] = error.what();
      report["benchmarks"].push_back(std::move(failed));
      ++timings.failed;
    }
  }
  timings.json = json_text(report) + "\n";
  return timings;
}

}  // namespace admmbench
