/// Seconds per iteration of every method, beside the time of the iteration's matrix products alone in the same process.

#include <benchmark/benchmark.h>

#include <memory>

#include "core/counters.hpp"
#include "solvers/solver.hpp"
#include "tests/benchmarks/benchmarks.hpp"
#include "tests/benchmarks/replay.hpp"
#include "tests/support/set_parameters.hpp"
#include "tests/support/small_problem.hpp"

namespace admmbench::bench {

namespace {

struct Case {
  std::string method;
  std::string size;  ///< last part of the benchmark's name
  std::vector<arma::uword> widths;
  arma::uword samples;
  std::string preset;  ///< empty: default parameters
  long batch = 0;      ///< mini-batch size; 0: as it is
  int iterations = 0;  ///< timed; 0: as many as the library finds necessary
  int replays = 5;     ///< repetitions of the products alone
};

void time_iteration(benchmark::State& state, const Case& what) {
  auto problem = testing::small_problem<float>(what.widths, what.samples, Loss::cross_entropy);
  problem.gram = input_gram(problem);
  const auto configured = find_solver(what.method)->make_default();
  if (!what.preset.empty() && !configured->apply_preset(what.preset)) {
    state.SkipWithError("no such preset");
    return;
  }
  if (what.batch > 0) {
    testing::SetParameters set({{"batch_size", std::to_string(what.batch)}});
    configured->visit(set);
    set.finish();
  }
  const auto solver = configured->make<float>();
  solver->initialize(problem, solver->initial_network(problem, 0), 0);
  solver->step();  // the first one touches memory and may stop early where blocks still fit exactly

  double seconds = 0;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    solver->step();
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    state.SetIterationTime(took);
    seconds += took;
  }
  seconds /= static_cast<double>(state.iterations());

  // One more iteration, counted: what it multiplied, and how long that takes alone.
  std::vector<Product> products;
  Counters counters;
  counters.log = &products;
  {
    const Counting counting(counters);
    solver->step();
  }
  const double alone = replay_seconds<float>(products, what.replays);
  state.counters["gflops"] = static_cast<double>(counters.flops()) / seconds * 1e-9;
  state.counters["gflop"] = static_cast<double>(counters.flops()) * 1e-9;
  state.counters["products"] = static_cast<double>(counters.products);
  state.counters["pass_megabytes"] = static_cast<double>(counters.pass_bytes) * 1e-6;
  state.counters["gemm_seconds"] = alone;
  state.counters["ratio"] = seconds / alone;
}

void add(const Case& what) {
  auto* registered =
      benchmark::RegisterBenchmark(("iteration/" + what.method + "/" + what.size).c_str(),
                                   [what](benchmark::State& state) { time_iteration(state, what); });
  registered->UseManualTime()->Unit(benchmark::kMillisecond);
  if (what.iterations > 0) registered->Iterations(what.iterations);
}

}  // namespace

void register_iterations() {
  // Milliseconds for every method, the cubic one included, and wide enough for products to dominate: 20 % more of them
  // must show.
  for (const SolverInfo& info : registered_solvers()) {
    add({info.name, "smoke", {256, 256, 256, 10}, 1000, ""});
  }
  // The sizes at which the released codes were measured (docs/performance.md).
  add({"dladmm", "784-1000-1000-10x55000", {784, 1000, 1000, 10}, 55000, "paper", 0, 3, 2});
  add({"pdadmm_g", "cora-2x500", {7165, 500, 7}, 140, ""});
  add({"mdlam", "cora-3x100", {7165, 100, 100, 7}, 140, "released"});
  add({"adam", "784-1000-1000-10x60000-batch-128", {784, 1000, 1000, 10}, 60000, "", 128, 2, 1});
  add({"adam", "784-1000-1000-10x60000-batch-1024", {784, 1000, 1000, 10}, 60000, "", 1024, 2, 1});
  add({"gram_tp", "784-1000-1000-10x60000-batch-125", {784, 1000, 1000, 10}, 60000, "", 125, 2, 1});
}

}  // namespace admmbench::bench
