#include "experiments/harness/run/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "core/compute/counters.hpp"
#include "core/compute/linalg.hpp"
#include "core/program/code_version.hpp"
#include "experiments/harness/run/squared_step.hpp"
#include "results/record/network_file.hpp"
#include "results/record/run_writer.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

namespace {

template <class T>
Problem<T> make_problem(const NetworkShape& network, long iterations, const Dataset<T>& data) {
  Problem<T> problem;
  problem.train = data.train;
  problem.validation = data.validation;
  problem.test = data.test;
  problem.widths.push_back(data.train->x.n_rows);
  for (const long width : network.hidden) problem.widths.push_back(static_cast<arma::uword>(width));
  problem.widths.push_back(data.train->targets.n_rows);
  problem.activation = network.activation;
  problem.loss = network.loss;
  problem.iterations = iterations;
  problem.gram = input_gram(problem);
  return problem;
}

template <class T>
bool finite(const Network<T>& network) {
  return std::all_of(network.W.begin(), network.W.end(), [](const auto& W) { return all_finite(W); }) &&
         std::all_of(network.b.begin(), network.b.end(), [](const arma::Mat<T>& b) { return all_finite(b); });
}

RunAttributes attributes_of(const Run& run, const RunSurroundings& around) {
  const Experiment& experiment = around.experiment;
  const Environment& environment = around.environment;
  const SolverVariant& solver = experiment.solvers[run.solver];
  RunAttributes attributes;
  attributes.experiment = experiment.name;
  attributes.dataset = experiment.datasets[run.dataset].request.label;
  attributes.solver = solver.name;
  attributes.label = solver.label;
  attributes.seed = run.seed;
  attributes.precision = experiment.precision;
  attributes.config = run.config;
  attributes.config_sha256 = run.config_sha256;
  attributes.content_hash = run.content_hash;
  attributes.code_version = code_version(solver.name);
  attributes.data_sha256 = around.data_sha256;
  attributes.git_commit = environment.git_commit;
  attributes.host = environment.host;
  attributes.cpu = environment.cpu;
  attributes.threads = around.threads;
  attributes.blas = environment.blas;
  attributes.vectors = environment.vectors;
  attributes.started_at = utc_now();
  if (solver.tuned) attributes.tuned = solver.tuned->trace;
  return attributes;
}

template <class T>
std::int64_t count_of(const Samples<T>* samples) {
  return samples == nullptr ? 0 : static_cast<std::int64_t>(samples->size());
}

/// The recorded side of a run: evaluates the solver's network and appends rows to the trajectory.
template <class T>
class Recorder {
 public:
  Recorder(const Problem<T>& problem, const Solver<T>& solver, const Network<T>& initial)
      : problem_(problem), solver_(solver), initial_(initial) {}

  const Trajectory& trajectory() const { return trajectory_; }
  /// Evaluates and appends the row of iteration `k`, after `seconds` and `counters` of the solver's own work; true if
  /// the method's objective and the training loss are finite.
  bool record(long k, double seconds, const Counters& counters, std::optional<double> squared_step) {
    const Diagnostics now = solver_.diagnostics();
    const Evaluation train = evaluate_split(*problem_.train);
    const double objective = now.objective.value_or(train.mean_loss);
    std::vector<std::pair<std::string, double>> row{
        {"seconds", seconds}, {"flops", static_cast<double>(counters.flops())}, {"objective", objective}};
    if (now.residual) row.emplace_back("residual", *now.residual);
    row.emplace_back("train_loss", train.mean_loss);
    if (train.accuracy) row.emplace_back("train_accuracy", *train.accuracy);
    const auto validation = add_split("val", problem_.validation.get(), row);
    const auto test = add_split("test", problem_.test.get(), row);
    row.insert(row.end(), now.named.begin(), now.named.end());
    if (squared_step) row.emplace_back("squared_step", *squared_step);
    // One column per layer of the final network; layers that a staged method has not added yet have no change.
    const std::vector<double> changes = solver_.weight_changes(initial_);
    for (arma::uword l = 0; l < problem_.layers(); ++l) {
      row.emplace_back(fmt::format("weight_change_{}", l + 1),
                       l < changes.size() ? changes[l] : std::numeric_limits<double>::quiet_NaN());
    }

    trajectory_.iteration.push_back(k);
    for (const auto& [name, value] : row) trajectory_.append(name, value);
    last_ = {train.mean_loss, train.accuracy, validation, test};
    return std::isfinite(objective) && std::isfinite(train.mean_loss);
  }
  const Progress::Evaluated& last() const { return last_; }
  bool has(long k) const { return !trajectory_.iteration.empty() && trajectory_.iteration.back() == k; }

 private:
  std::optional<double> add_split(const std::string& prefix, const Samples<T>* samples,
                                  std::vector<std::pair<std::string, double>>& row) {
    if (samples == nullptr) return std::nullopt;
    const Evaluation result = evaluate_split(*samples);
    if (result.accuracy) {
      row.emplace_back(prefix + "_accuracy", *result.accuracy);
    } else {
      row.emplace_back(prefix + "_loss", result.mean_loss);
    }
    return result.accuracy;
  }

  Evaluation evaluate_split(const Samples<T>& samples) {
    solver_.outputs(problem_, samples, workspace_, outputs_);
    return evaluate_outputs(outputs_, problem_.loss, samples);
  }

  const Problem<T>& problem_;
  const Solver<T>& solver_;
  const Network<T>& initial_;
  ForwardWorkspace<T> workspace_;
  arma::Mat<T> outputs_;
  Trajectory trajectory_;
  Progress::Evaluated last_;
};

/// The loop over iterations, up to the result in `outcome`; throws what the method throws.
template <class T>
void iterate(const Experiment& experiment, const Problem<T>& problem, Solver<T>& solver,
             Recorder<T>& recorder, RunWriter& writer, const RunHooks& hooks, RunOutcome& outcome) {
  using Clock = std::chrono::steady_clock;
  StopMonitor monitor(experiment.stop);
  Counters counters;
  const auto& iterates = experiment.record.iterates;
  SquaredStep<T> squared_step;
  double least_step = std::numeric_limits<double>::infinity();
  const auto record = [&](long k) {
    std::optional<double> step;
    if (experiment.record.squared_step)  // the initial point has none
      step = std::isfinite(least_step) ? least_step : std::numeric_limits<double>::quiet_NaN();
    least_step = std::numeric_limits<double>::infinity();
    return recorder.record(k, outcome.seconds, counters, step);
  };
  const auto end_with = [&](RunStatus status, std::string message) {
    outcome.status = status;
    outcome.message = std::move(message);
  };
  for (long k = 0;; ++k) {
    if (k > 0) {
      const Counting counting(counters);
      const auto begin = Clock::now();
      solver.step();
      outcome.seconds += std::chrono::duration<double>(Clock::now() - begin).count();
    }
    outcome.iterations = k;
    if (experiment.record.squared_step) {
      const double step =
          squared_step.since_last([&](StateVisitor<T>& visitor) { solver.visit_state(visitor); });
      least_step = std::min(least_step, step);
    }
    if (std::binary_search(iterates.begin(), iterates.end(), k))
      writer.write_iterate<T>(k, [&](StateVisitor<T>& visitor) { solver.visit_state(visitor); });

    Progress progress{k, outcome.seconds, {}, {}};
    bool finite_objective = true;
    if (k % experiment.record.every == 0 || k == problem.iterations) {
      finite_objective = record(k);
      progress.evaluated = recorder.last();
    }
    if (experiment.stop.needs_residual()) {
      progress.residual = solver.diagnostics().residual;
      if (k == 0 && !progress.residual) hooks.warn("stop.residual has no effect: the method has no residual");
    }
    hooks.progress(k);

    const std::optional<std::string> reason = monitor.check(progress);
    // Looking at an implicit W_1 would form it; the objective tells soon enough.
    const bool look = problem.gram == nullptr || k == problem.iterations;
    bool over = true;
    if (look && !finite(solver.network())) {
      end_with(RunStatus::diverged, fmt::format("weights not finite at iteration {}", k));
    } else if (!finite_objective) {
      end_with(RunStatus::diverged, fmt::format("objective or loss not finite at iteration {}", k));
    } else if (reason) {
      end_with(RunStatus::stopped, *reason);
    } else if (k == problem.iterations) {
      end_with(RunStatus::completed, fmt::format("{} iterations", k));
    } else if (hooks.interrupted()) {
      end_with(RunStatus::interrupted,
               fmt::format("interrupted after iteration {} of {}", k, problem.iterations));
    } else {
      over = false;
    }
    if (over) {
      if (!recorder.has(k)) record(k);  // the last iteration is always recorded
      return;
    }
  }
}

void set_accuracy(RunOutcome& outcome, const Progress::Evaluated& last) {
  if (last.test_accuracy) {
    outcome.accuracy = last.test_accuracy;
    outcome.accuracy_of = "test";
  } else if (last.validation_accuracy) {
    outcome.accuracy = last.validation_accuracy;
    outcome.accuracy_of = "validation";
  } else if (last.train_accuracy) {
    outcome.accuracy = last.train_accuracy;
    outcome.accuracy_of = "training";
  }
}

}  // namespace

template <class T>
void check_loss(const Experiment& experiment, const DatasetEntry& entry, const Dataset<T>& data) {
  if (experiment.network_on(entry).loss == Loss::cross_entropy && data.classes == 0) {
    experiment.refuse(experiment.loss_key_on(entry),
                      fmt::format("cross_entropy needs labels, and '{}' is regression data; allowed: squared",
                                  entry.request.label));
  }
}

template <class T>
void check_selection(const Experiment& experiment, const DatasetEntry& entry, const Dataset<T>& data) {
  if (!experiment.tune) return;
  const TuneOptions& tune = *experiment.tune;
  if (entry.request.validation <= 0 && data.validation == nullptr) {
    experiment.refuse(
        "tune",
        fmt::format("'{}' has no validation split to choose on; allowed: `validation: 0.1` beside its name",
                    entry.request.label));
  }
  const std::string expected = data.classes > 0 ? "val_accuracy" : "val_loss";
  if (tune.select != expected) {
    experiment.refuse("tune.select", fmt::format("runs on '{}' have no {}: its targets are {}; allowed: {}",
                                                 entry.request.label, tune.select,
                                                 data.classes > 0 ? "classes" : "numbers", expected));
  }
}

template <class T>
RunOutcome execute_run(const Experiment& experiment, const Run& run, const Dataset<T>& data,
                       const Environment& environment, long threads, const RunHooks& hooks) {
  RunOutcome outcome;
  try {
    const SolverVariant& variant = experiment.solvers[run.solver];
    if (variant.search) throw std::logic_error("the solver has not been tuned yet");
    const DatasetEntry& entry = experiment.datasets[run.dataset];
    const DataRequest& request = entry.request;
    const auto seed = static_cast<std::uint64_t>(run.seed);
    const Dataset<T> split = request.validation > 0 ? split_validation(data, request.validation, seed) : data;
    const Problem<T> problem =
        make_problem(experiment.network_on(entry), experiment.iterations_of(entry, variant), split);
    const std::unique_ptr<Solver<T>> solver = variant.configured->template make<T>();
    const Network<T> initial = experiment.initial ? read_network<T>(experiment.initial->file, problem.widths)
                                                  : solver->initial_network(problem, seed);

    RunAttributes attributes = attributes_of(run, {experiment, environment, data.content_sha256, threads});
    attributes.samples = {count_of(problem.train.get()), count_of(problem.validation.get()),
                          count_of(problem.test.get())};
    std::filesystem::create_directories(run.result.parent_path());
    RunWriter writer(run.result);
    if (experiment.record.weights) writer.write_network("initial", initial);
    Recorder<T> recorder(problem, *solver, initial);
    bool started = false;
    try {
      solver->initialize(problem, initial, seed);
      started = true;
      iterate(experiment, problem, *solver, recorder, writer, hooks, outcome);
    } catch (const std::exception& error) {
      outcome.status = RunStatus::failed;
      outcome.message = error.what();
    } catch (...) {
      outcome.status = RunStatus::failed;
      outcome.message = "the method threw something that is no std::exception";
    }
    set_accuracy(outcome, recorder.last());
    attributes.status = outcome.status;
    attributes.message = outcome.message;
    writer.write_trajectory(recorder.trajectory());
    if (started && experiment.record.weights) writer.write_network("final", solver->network());
    writer.write_attributes(attributes);
    if (is_complete(outcome.status) || !holds_complete_result(run.result)) writer.commit();
    outcome.recorded = true;
  } catch (const std::exception& error) {
    outcome.status = RunStatus::failed;
    outcome.message = error.what();
  }
  return outcome;
}

void record_failure(const Run& run, const RunOutcome& outcome, const RunSurroundings& around) {
  if (holds_complete_result(run.result)) return;
  RunAttributes attributes = attributes_of(run, around);
  attributes.status = outcome.status;
  attributes.message = outcome.message;
  std::filesystem::create_directories(run.result.parent_path());
  RunWriter writer(run.result);
  writer.write_trajectory({});
  writer.write_attributes(attributes);
  writer.commit();
}

template void check_loss(const Experiment&, const DatasetEntry&, const Dataset<float>&);
template void check_loss(const Experiment&, const DatasetEntry&, const Dataset<double>&);
template void check_selection(const Experiment&, const DatasetEntry&, const Dataset<float>&);
template void check_selection(const Experiment&, const DatasetEntry&, const Dataset<double>&);
template RunOutcome execute_run(const Experiment&, const Run&, const Dataset<float>&, const Environment&,
                                long, const RunHooks&);
template RunOutcome execute_run(const Experiment&, const Run&, const Dataset<double>&, const Environment&,
                                long, const RunHooks&);

}  // namespace admmbench
