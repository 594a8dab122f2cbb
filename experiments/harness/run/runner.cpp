#include "experiments/harness/run/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "core/compute/counters.hpp"
#include "core/compute/linalg.hpp"
#include "datasets/generator.hpp"
#include "experiments/harness/run/checkpoint.hpp"
#include "experiments/harness/run/memory.hpp"
#include "experiments/harness/run/network_shape.hpp"
#include "experiments/harness/run/recorder.hpp"
#include "experiments/harness/run/run_problem.hpp"
#include "experiments/harness/run/squared_step.hpp"
#include "results/record/network_file.hpp"
#include "results/record/run_file.hpp"
#include "results/record/run_ranges.hpp"
#include "results/record/run_writer.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

std::string wall_limit_message(double limit, long iteration, long iterations) {
  return fmt::format("wall limit: {:g} s are over after iteration {} of {} (stop.wall_limit)", limit,
                     iteration, iterations);
}

namespace {

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
  attributes.code_version = code_of(solver);
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

/// The checkpoint that a run went on from does not lead where the run had gone.
struct UnfitCheckpoint {
  std::string why;
};

/// Everything between the iterations of one run, up to its end in `outcome`.
template <class T>
class Iterations {
 public:
  Iterations(const Experiment& experiment, const Run& run, const Problem<T>& problem, Solver<T>& solver,
             Recorder<T>& recorder, RunWriter& writer, const RunHooks& hooks, RunOutcome& outcome)
      : experiment_(experiment),
        run_(run),
        problem_(problem),
        solver_(solver),
        recorder_(recorder),
        writer_(writer),
        hooks_(hooks),
        outcome_(outcome),
        monitor_(experiment.stop),
        timer_(experiment.checkpoint.interval()),
        wall_limit_(experiment.stop.wall_seconds()) {}

  /// From the initial point, or from `saved`; throws what the method throws, and UnfitCheckpoint.
  void execute(const std::optional<SavedCheckpoint>& saved) {
    if (saved) {
      restore(*saved);
    } else if (look(0)) {
      return;
    }
    for (long k = outcome_.iterations + 1;; ++k) {
      step();
      if (saved && hooks_.same_bits && k == first_ + 1 && digest() != saved->digest())
        throw UnfitCheckpoint{"its first iteration is not that of the run that saved it"};
      if (unfinished_) {
        timed([&] { finish_checkpoint(); });
        timer_.written(outcome_.checkpoint_seconds - seconds_before_);
      }
      if (look(k)) return;
      if (checkpoint_due(k)) {
        seconds_before_ = outcome_.checkpoint_seconds;
        timed([&] { begin_checkpoint(); });
      }
    }
  }

  /// After an interruption, when the result is written: what is done so far need not be done again. Takes one more iteration.
  void save_at_end() {
    constexpr double worth_it = 1;  // seconds
    const bool by_clock = experiment_.checkpoint.interval().seconds && timer_.age() >= worth_it;
    if (!by_clock && !experiment_.checkpoint.interval().iterations) return;
    if (undue_) {  // a row that a run without an interruption does not have
      recorder_.drop_last();
      least_step_ = *undue_;
    }
    begin_checkpoint();
    if (!unfinished_) return;
    try {
      step();
      finish_checkpoint();
    } catch (...) {
      unfinished_.reset();  // the next try will come to it
    }
  }

 private:
  using Clock = std::chrono::steady_clock;

  void step() {
    const Counting counting(counters_);
    const auto begin = Clock::now();
    solver_.step();
    outcome_.seconds += std::chrono::duration<double>(Clock::now() - begin).count();
  }

  /// What belongs to checkpoints, and not the iteration between the beginning and the end of one.
  template <class Work>
  void timed(const Work& work) {
    const auto begin = Clock::now();
    work();
    outcome_.checkpoint_seconds += std::chrono::duration<double>(Clock::now() - begin).count();
  }

  auto shows_state() const {
    return [this](StateVisitor<T>& visitor) { solver_.visit_state(visitor); };
  }

  /// Before anything is computed with the weights that the method has now.
  void check_shapes() const {
    if (!at_hand()) return;
    if (const std::string wrong = wrong_shape(solver_.network(), problem_.widths); !wrong.empty())
      throw std::logic_error(wrong);
  }

  /// Looking at an implicit W_1 would form it, at a program's weights fetch them.
  bool at_hand() const { return solver_.network_at_hand() && solver_.counts_operations(); }

  bool record(long k) {
    std::optional<double> step;
    if (experiment_.record.squared_step)  // the initial point has none
      step = std::isfinite(least_step_) ? least_step_ : std::numeric_limits<double>::quiet_NaN();
    least_step_ = std::numeric_limits<double>::infinity();
    counters_.add(solver_.take_work_elsewhere());
    return recorder_.record(k, outcome_.seconds, counters_, step);
  }

  bool end_with(RunStatus status, std::string message) {
    outcome_.status = status;
    outcome_.message = std::move(message);
    return true;
  }

  /// Records iteration k where it is due; true if the run is over.
  bool look(long k) {
    outcome_.iterations = k;
    check_shapes();
    const auto& iterates = experiment_.record.iterates;
    if (experiment_.record.squared_step)
      least_step_ = std::min(least_step_, squared_step_.since_last(shows_state()));
    if (std::binary_search(iterates.begin(), iterates.end(), k)) writer_.write_iterate<T>(k, shows_state());

    Progress progress{k, outcome_.seconds, {}, {}};
    bool finite_objective = true;
    if (k % experiment_.record.every == 0 || k == problem_.iterations) {
      finite_objective = record(k);
      progress.evaluated = recorder_.last();
    }
    if (experiment_.stop.needs_residual()) {
      progress.residual = solver_.diagnostics().residual;
      if (k == 0 && !progress.residual)
        hooks_.warn("stop.residual has no effect: the method has no residual");
    }
    hooks_.progress(k);

    const bool over = is_over(k, monitor_.check(progress), finite_objective);
    if (over && !recorder_.has(k)) {  // the last iteration is always recorded
      undue_ = least_step_;
      record(k);
    }
    return over;
  }

  bool is_over(long k, const std::optional<std::string>& reason, bool finite_objective) {
    // Where they are not at hand, the objective tells soon enough.
    const bool look = at_hand() || k == problem_.iterations;
    if (look && !finite(solver_.network()))
      return end_with(RunStatus::diverged, fmt::format("weights not finite at iteration {}", k));
    if (!finite_objective)
      return end_with(RunStatus::diverged, fmt::format("objective or loss not finite at iteration {}", k));
    if (reason) return end_with(RunStatus::stopped, *reason);
    if (k == problem_.iterations) return end_with(RunStatus::completed, fmt::format("{} iterations", k));
    if (wall_limit_ && Clock::now() - hooks_.started >= std::chrono::duration<double>(*wall_limit_))
      return end_with(RunStatus::failed, wall_limit_message(*wall_limit_, k, problem_.iterations));
    if (hooks_.interrupted()) {
      return end_with(RunStatus::interrupted,
                      fmt::format("interrupted after iteration {} of {}", k, problem_.iterations));
    }
    return false;
  }

  std::optional<std::uint64_t> digest() const {
    return digest_of([this](StateArchive& archive) { solver_.archive(archive); });
  }

  /// All that the rest of the run depends on, and what it has recorded.
  void archive(StateArchive& archive) {
    archive(outcome_.iterations, outcome_.seconds, counters_, least_step_, monitor_);
    recorder_.archive(archive);
    writer_.template archive_iterates<T>(experiment_.record.iterates, outcome_.iterations, archive);
    solver_.archive(archive);
  }

  bool checkpoint_due(long k) {
    if (!timer_.due(k)) return false;
    if (std::exchange(expected_, true)) return true;
    timer_.expect(archived_bytes([this](StateArchive& archive) { solver_.archive(archive); }));
    return timer_.due(k);
  }

  void begin_checkpoint() {
    if (!checkpoints_ || run_.content_hash.empty()) return;
    counters_.add(solver_.take_work_elsewhere());
    if (!shows_something_ && !digest()) {
      checkpoints_ = false;
      return;
    }
    shows_something_ = true;
    try {
      unfinished_.emplace(checkpoint_file(run_.result), run_.content_hash,
                          [this](StateArchive& to) { archive(to); });
    } catch (const std::exception& error) {
      checkpoints_ = false;  // the run can do without
      hooks_.warn(fmt::format("no checkpoints: {}", error.what()));
    }
  }

  void finish_checkpoint() {
    try {
      if (hooks_.owned()) {
        unfinished_->commit(*digest());
        ++outcome_.checkpoints;
      }
    } catch (const std::exception& error) {
      checkpoints_ = false;
      hooks_.warn(fmt::format("no checkpoints: {}", error.what()));
    }
    unfinished_.reset();
  }

  void restore(const SavedCheckpoint& saved) {
    try {
      saved.restore([this](StateArchive& from) { archive(from); });
    } catch (const std::exception& error) {
      throw UnfitCheckpoint{error.what()};
    }
    first_ = outcome_.iterations;
    if (experiment_.record.squared_step) squared_step_.since_last(shows_state());
    hooks_.progress(first_);
  }

  const Experiment& experiment_;
  const Run& run_;
  const Problem<T>& problem_;
  Solver<T>& solver_;
  Recorder<T>& recorder_;
  RunWriter& writer_;
  const RunHooks& hooks_;
  RunOutcome& outcome_;
  StopMonitor monitor_;
  Counters counters_;
  SquaredStep<T> squared_step_;
  double least_step_ = std::numeric_limits<double>::infinity();
  std::optional<double>
      undue_;  ///< least_step_ before the last row, which was recorded only because it is the last
  CheckpointTimer timer_;
  std::optional<double> wall_limit_;
  long first_ = 0;  ///< iteration that the run went on from
  bool checkpoints_ = true;
  bool expected_ = false;         ///< the timer knows how large they are
  bool shows_something_ = false;  ///< the method, to an archive: looked at before the first checkpoint
  std::optional<UnfinishedCheckpoint> unfinished_;
  double seconds_before_ = 0;  ///< checkpoint_seconds before the unfinished one
};

/// A complete result of other settings or data in the place of `run` gets another name: what is complete is never lost. One that
/// only the code of a newer revision makes anew has done its service.
void keep_aside(const Run& run, const std::string& data_sha256, const RunHooks& hooks) {
  const std::optional<RunAttributes> old = peek_run(run.result);
  if (!old || !is_complete(old->status)) return;
  std::vector<std::string> differing = differing_settings(old->config, run.config);
  if (old->data_sha256 != data_sha256) differing.emplace_back("other data");
  if (differing.empty()) return;
  const std::filesystem::path aside =
      fmt::format("{}.old-{}", run.result.string(), old->content_hash.substr(0, 8));
  std::error_code error;
  std::filesystem::remove(aside, error);
  std::filesystem::create_hard_link(run.result, aside, error);  // at no moment there is neither
  if (error) std::filesystem::rename(run.result, aside);
  hooks.warn(fmt::format("the result of other settings ({}) is kept as {}", fmt::join(differing, "; "),
                         aside.filename().string()));
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
void check_own_split(const Experiment& experiment, const DatasetEntry& entry, const Dataset<T>& data) {
  const double share = entry.request.validation;
  const GeneratedDataset* generated = find_generated_dataset(entry.request.name);
  if (share <= 0 || generated == nullptr || generated->graph || data.validation == nullptr) return;
  const auto same = [&](const DatasetEntry& other) { return other.request.label == entry.request.label; };
  const auto place = std::find_if(experiment.datasets.begin(), experiment.datasets.end(), same);
  experiment.refuse(fmt::format("datasets.{}.validation", place - experiment.datasets.begin()),
                    fmt::format("the generator of '{}' makes {} validation samples, and {:g} of the training "
                                "samples would be held out in their place; allowed: no `validation`",
                                entry.request.label, data.validation->size(), share));
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

namespace {

/// What a method threw. A shape or an index that does not fit is of no use without its name and the place.
std::string told(const std::exception& error, const std::string& method, bool started, long iterations) {
  if (dynamic_cast<const std::logic_error*>(&error) == nullptr) return error.what();
  return started ? fmt::format("{}, after {} iteration{}: {}", method, iterations, iterations == 1 ? "" : "s",
                               error.what())
                 : fmt::format("{}, start(): {}", method, error.what());
}

/// One try at a run: from its checkpoint if there is one and `resume`, else from the initial point.
template <class T>
RunOutcome attempt(const Experiment& experiment, const Run& run, const Dataset<T>& data,
                   const Environment& environment, long threads, const RunHooks& hooks,
                   const MakeSolver<T>& make_solver, bool resume) {
  RunOutcome outcome;
  const SolverVariant& variant = experiment.solvers[run.solver];
  if (variant.search) throw std::logic_error("the solver has not been tuned yet");
  const auto seed = static_cast<std::uint64_t>(run.seed);
  const Problem<T> problem = problem_of(experiment, run, data);
  const std::unique_ptr<Solver<T>> solver =
      make_solver ? make_solver() : variant.configured->template make<T>();
  const Network<T> initial = experiment.initial ? read_network<T>(experiment.initial->file, problem.widths)
                                                : solver->initial_network(problem, seed);
  if (const std::string wrong = wrong_shape(initial, problem.widths); !wrong.empty())
    throw std::runtime_error(fmt::format("{}, initial_network(): {}", variant.name, wrong));

  RunAttributes attributes = attributes_of(run, {experiment, environment, data.content_sha256, threads});
  attributes.samples = {count_of(problem.train.get()), count_of(problem.validation.get()),
                        count_of(problem.test.get())};
  std::filesystem::create_directories(run.result.parent_path());
  RunWriter writer(run.result);
  if (experiment.record.weights) writer.write_network("initial", initial);
  Recorder<T> recorder(problem, *solver, initial);
  Iterations<T> iterations(experiment, run, problem, *solver, recorder, writer, hooks, outcome);
  bool started = false;
  bool threw = true;
  try {
    solver->initialize(problem, initial, seed);
    started = true;
    iterations.execute(resume ? SavedCheckpoint::open(checkpoint_file(run.result), run.content_hash)
                              : std::nullopt);
    threw = false;
  } catch (const std::exception& error) {
    outcome.status = RunStatus::failed;
    outcome.message = plain_line(told(error, variant.name, started, outcome.iterations));
  } catch (const UnfitCheckpoint&) {
    throw;
  } catch (...) {
    outcome.status = RunStatus::failed;
    outcome.message = "the method threw something that is no std::exception";
  }
  set_accuracy(outcome, recorder.last());
  attributes.status = outcome.status;
  attributes.message = outcome.message;
  writer.write_trajectory(recorder.trajectory());
  if (started && experiment.record.weights) writer.write_network("final", solver->network());
  attributes.peak_memory = static_cast<std::int64_t>(peak_resident_memory());
  attributes.processes = hooks.processes;
  writer.write_attributes(attributes);
  outcome.recorded = true;
  if (!hooks.owned()) {
    outcome.status = RunStatus::interrupted;
    outcome.message = "another process took the run over: this one had not been heard of for a while";
    return outcome;
  }
  if (is_complete(outcome.status)) {
    keep_aside(run, attributes.data_sha256, hooks);
    writer.commit();
  } else if (!holds_complete_result(run.result)) {
    writer.commit();
  }
  if (is_complete(outcome.status) || threw) {  // what threw would throw again
    std::error_code ignored;
    std::filesystem::remove(checkpoint_file(run.result), ignored);
  } else {
    const RunOutcome told = outcome;  // what follows belongs to the next try
    iterations.save_at_end();
    outcome = told;
  }
  return outcome;
}

}  // namespace

template <class T>
RunOutcome execute_run(const Experiment& experiment, const Run& run, const Dataset<T>& data,
                       const Environment& environment, long threads, const RunHooks& hooks,
                       const MakeSolver<T>& make_solver) {
  for (const bool resume : {true, false}) {
    try {
      return attempt(experiment, run, data, environment, threads, hooks, make_solver, resume);
    } catch (const UnfitCheckpoint& unfit) {
      hooks.warn(fmt::format("starts anew, its checkpoint is not used: {}", unfit.why));
    } catch (const std::exception& error) {
      RunOutcome outcome;
      outcome.status = RunStatus::failed;
      outcome.message = plain_line(error.what());
      return outcome;
    }
  }
  throw std::logic_error("a run without a checkpoint has gone on from one");
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
template void check_own_split(const Experiment&, const DatasetEntry&, const Dataset<float>&);
template void check_own_split(const Experiment&, const DatasetEntry&, const Dataset<double>&);
template void check_selection(const Experiment&, const DatasetEntry&, const Dataset<float>&);
template void check_selection(const Experiment&, const DatasetEntry&, const Dataset<double>&);
template RunOutcome execute_run(const Experiment&, const Run&, const Dataset<float>&, const Environment&,
                                long, const RunHooks&, const MakeSolver<float>&);
template RunOutcome execute_run(const Experiment&, const Run&, const Dataset<double>&, const Environment&,
                                long, const RunHooks&, const MakeSolver<double>&);

}  // namespace admmbench
