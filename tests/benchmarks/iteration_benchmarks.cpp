/// Seconds per iteration of every method, beside the time of the iteration's matrix products alone in the same process.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>

#include "core/compute/counters.hpp"
#include "results/costs/cost_model.hpp"
#include "results/costs/replay.hpp"
#include "results/record/made_elsewhere.hpp"
#include "solvers/solver.hpp"
#include "tests/benchmarks/benchmarks.hpp"
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
  int replays = 5;     ///< repetitions of the products alone; 0: they are not timed
};

/// All but `external`, which runs a program of the user's: there is none here.
std::vector<SolverInfo> timed_methods() {
  std::vector<SolverInfo> methods = registered_solvers();
  std::erase_if(methods, [](const SolverInfo& info) { return info.name == external_name; });
  return methods;
}

/// The problem of the last case, kept for the next one of the same shape.
const Problem<float>& problem_of(const Case& what) {
  static Problem<float> problem;
  if (problem.train == nullptr || problem.widths != what.widths || problem.samples() != what.samples) {
    problem = testing::small_problem<float>(what.widths, what.samples, Loss::cross_entropy);
    problem.gram = input_gram(problem);
  }
  return problem;
}

void time_iteration(benchmark::State& state, const Case& what) {
  const Problem<float>& problem = problem_of(what);
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
  std::vector<double> each;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    solver->step();
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    state.SetIterationTime(took);
    seconds += took;
    each.push_back(took);
  }
  const auto middle = each.begin() + static_cast<std::ptrdiff_t>(each.size() / 2);
  std::nth_element(each.begin(), middle, each.end());
  state.counters["median_seconds"] = *middle;
  if (what.replays == 0) return;
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
  state.counters["solve_gflop"] = static_cast<double>(counters.solve_flops) * 1e-9;
  state.counters["gemm_seconds"] = alone;
  state.counters["ratio"] = seconds / alone;
}

void add(const Case& what, const std::string& group = "iteration") {
  auto* registered =
      benchmark::RegisterBenchmark((group + "/" + what.method + "/" + what.size).c_str(),
                                   [what](benchmark::State& state) { time_iteration(state, what); });
  registered->UseManualTime()->Unit(benchmark::kMillisecond);
  if (what.iterations > 0) registered->Iterations(what.iterations);
}

/// Timed iterations: about half a second, at least three.
int enough_iterations(const std::string& method, const CostShape& shape) {
  constexpr double slow = 4e10;  // operations per second: what small products reach
  constexpr double seconds = 0.5;
  return static_cast<int>(std::clamp(seconds * slow / iteration_cost(method, shape).flops(), 3.0, 200.0));
}

}  // namespace

/// Wide and narrow, deep and shallow, few samples and many. Nothing here is larger than what some seconds allow: larger
/// shapes are the model's to predict.
void register_scaling() {
  const std::vector<std::string> shapes{"784-64-64-10x2000",
                                        "784-256-256-10x2000",
                                        "784-256-256-10x10000",
                                        "784-1000-1000-10x2000",
                                        "784-1000-1000-10x8000",
                                        "784-512-512-10x16000",
                                        "784-2000-2000-10x2500",
                                        "64-32-32-10x40000",
                                        "100-100-100-100-100-100-100-100-100-10x4000",
                                        "100-400-400-400-400-400-400-400-400-10x4000",
                                        "64-1500-1500-10x1600",
                                        "300-700-700-700-10x5000"};
  const std::vector<SolverInfo> methods = timed_methods();
  for (const std::string& text : shapes) {
    for (const SolverInfo& info : methods) {
      CostShape shape = parse_shape(text);
      std::vector<double> batches{0};
      if (has_batches(info.name)) {
        batches = {128, 1024};
        if (info.name == "gram_tp" || info.name == "gorth") batches = {125, 1000};
      }
      for (const double batch : batches) {
        if (batch >= shape.samples) continue;
        shape.batch = batch;
        Case what;
        what.method = info.name;
        what.size = to_string(shape);
        for (const double width : shape.widths) what.widths.push_back(static_cast<arma::uword>(width));
        what.samples = static_cast<arma::uword>(shape.samples);
        what.batch = static_cast<long>(batch);
        what.iterations = enough_iterations(info.name, shape);
        what.replays = 0;
        add(what, "scaling");
      }
    }
  }
}

void register_iterations() {
  // Milliseconds for every method, the cubic one included, and wide enough for products to dominate: 20 % more of them
  // must show.
  const std::vector<SolverInfo> methods = timed_methods();
  for (const SolverInfo& info : methods) {
    add({info.name, "smoke", {256, 256, 256, 10}, 1000, ""});
  }
  for (const char* method : {"pdadmm", "mdlam", "dladmm"}) {
    add({method, "256-256-256-10x2000", {256, 256, 256, 10}, 2000, ""});
  }
  // The sizes at which the released codes were measured (docs/performance.md).
  add({"dladmm", "784-1000-1000-10x55000", {784, 1000, 1000, 10}, 55000, "paper", 0, 3, 2});
  add({"pdadmm_g", "cora-2x500", {7165, 500, 7}, 140, ""});
  add({"mdlam", "cora-3x100", {7165, 100, 100, 7}, 140, "released"});
  add({"adam", "784-1000-1000-10x60000-batch-128", {784, 1000, 1000, 10}, 60000, "", 128, 2, 1});
  add({"adam", "784-1000-1000-10x60000-batch-1024", {784, 1000, 1000, 10}, 60000, "", 1024, 2, 1});
  add({"gram_tp", "784-1000-1000-10x60000-batch-125", {784, 1000, 1000, 10}, 60000, "", 125, 2, 1});
  // Today's optimisers beside Adam: forty batches, so that what they do every tenth batch is in the mean. What LAPACK does in them, and
  // in bcd and mac, is in the ratio and not in the products: solve_gflop says how much.
  const std::vector<arma::uword> widths{784, 1000, 1000, 10};
  for (const char* method : {"adam", "nadamw", "schedule_free", "muon", "soap", "kfac", "gram_tp", "gorth"}) {
    add({method, "784-1000-1000-10x5000-batch-125", widths, 5000, "", 125, 2, 1});
  }
  for (const char* method : {"lbfgs", "bcd", "mac"}) {
    add({method, "784-1000-1000-10x5000", widths, 5000, "", 0, 3, 2});
  }
}

}  // namespace admmbench::bench
