#include "experiments/harness/run/scheduler.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <list>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "core/compute/parallel_pass.hpp"
#include "datasets/dataset.hpp"
#include "experiments/harness/run/checkpoint.hpp"
#include "experiments/harness/run/claim.hpp"
#include "experiments/harness/run/interrupt.hpp"
#include "experiments/harness/run/memory.hpp"
#include "experiments/harness/run/worker.hpp"
#include "experiments/harness/team/heartbeat.hpp"
#include "experiments/harness/team/led_solver.hpp"
#include "results/record/run_file.hpp"

namespace admmbench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int tick_milliseconds = 250;

/// What a run that is over its wall limit has to end by itself.
Clock::duration grace_of(double wall_limit) {
  return std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(std::clamp(wall_limit / 10, 2.0, 30.0)));
}

/// What tells a file from the one that was there before.
std::string stamp_of(const std::filesystem::path& file) {
  struct stat state {};
  if (stat(file.c_str(), &state) != 0) return {};
  return fmt::format("{} {} {}.{}", state.st_ino, state.st_size, state.st_mtim.tv_sec, state.st_mtim.tv_nsec);
}

/// How a run ended that another process has made.
std::optional<RunOutcome> outcome_elsewhere(const Run& run) {
  const std::optional<RunAttributes> made = peek_run(run.result);
  if (!made || run.content_hash.empty() || made->content_hash != run.content_hash) return std::nullopt;
  if (!is_complete(made->status) && made->status != RunStatus::failed) return std::nullopt;
  RunOutcome outcome;
  outcome.status = made->status;
  outcome.message = made->message;
  outcome.recorded = outcome.elsewhere = true;
  try {
    const RunRecord record = read_run(run.result);
    outcome.iterations = record.iterations();
    outcome.seconds = record.last("seconds").value_or(0);
    outcome.accuracy = record.last("test_accuracy");
    outcome.accuracy_of = "test";
  } catch (const std::exception&) {
    return std::nullopt;  // damaged since
  }
  return outcome;
}

/// The workers at work, and the bookkeeping around them.
class Crew {
 public:
  Crew(const std::vector<Run>& runs, const RunSurroundings& around, RunObserver& observer)
      : runs_(runs), around_(around), observer_(observer), data_sha256_(around.experiment.datasets.size()) {}

  /// What the records of the runs on data set number `dataset` call their data.
  void loaded(std::size_t dataset, const std::string& data_sha256) { data_sha256_[dataset] = data_sha256; }

  std::size_t size() const { return members_.size(); }

  /// Bytes that the runs at work need by the model.
  double memory() const {
    return std::accumulate(members_.begin(), members_.end(), 0.0,
                           [](double sum, const Member& member) { return sum + member.memory; });
  }

  /// `memory`: bytes that the run will need.
  void add(std::size_t index, Worker worker, RunClaim claim, double memory) {
    members_.push_back({index, std::move(claim), std::move(worker), {}, false, memory});
    observer_.start(index + 1, runs_[index]);
  }

  /// This process makes the run itself.
  void begin_here(std::size_t index) { observer_.start(index + 1, runs_[index]); }
  void end_here(std::size_t index, RunOutcome outcome) { count(index, std::move(outcome)); }
  RunHooks hooks_here(std::size_t index) {
    RunHooks hooks;
    hooks.progress = [this, index](long iteration) {
      observer_.update(index + 1, iteration);
      observer_.tick();
    };
    hooks.warn = [this, index](const std::string& text) { observer_.warn(index + 1, text); };
    hooks.interrupted = interrupted;
    return hooks;
  }

  /// Another process made the run.
  void adopt(std::size_t index, RunOutcome outcome) {
    observer_.start(index + 1, runs_[index]);
    count(index, std::move(outcome));
  }

  /// The run cannot be begun: it has failed. `told`: the summary has the reason already.
  void fail(std::size_t index, const std::string& why, bool told) {
    observer_.start(index + 1, runs_[index]);
    RunOutcome outcome;
    outcome.status = RunStatus::failed;
    outcome.message = why;
    count(index, std::move(outcome), told);
  }

  /// A data set that cannot be used: told once, for all its runs.
  void refuse(std::size_t dataset, const std::exception_ptr& error, const std::string& why) {
    if (summary_.unusable_data) {
      summary_.failures.push_back(
          fmt::format("{}: {}", around_.experiment.datasets[dataset].request.label, why));
    } else {
      summary_.unusable_data = error;
    }
  }

  /// Waits a moment for news of the workers and takes out those that have ended.
  void wait() {
    std::vector<pollfd> pipes;
    for (const Member& member : members_) pipes.push_back({member.worker.pipe(), POLLIN, 0});
    poll(pipes.data(), pipes.size(), tick_milliseconds);
    if (interrupted_twice()) abandon();
    auto pipe = pipes.begin();
    for (auto member = members_.begin(); member != members_.end(); ++pipe) {
      const bool news = (pipe->revents & (POLLIN | POLLHUP | POLLERR)) != 0;
      std::vector<std::string> warnings;
      const bool alive = !news || member->worker.read(warnings);
      for (const std::string& text : warnings) observer_.warn(member->index + 1, text);
      observer_.update(member->index + 1, member->worker.iteration());
      if (alive) {
        ++member;
      } else {
        count(member->index, ended(*member));
        member = members_.erase(member);
      }
    }
    enforce_wall_limit();
    observer_.tick();
    if (interrupted() && !summary_.interrupted) {
      summary_.interrupted = true;
      catch_second_interrupt();
      observer_.interrupted(members_.size());
      for (const Member& member : members_) member.worker.interrupt();
    }
  }

  ScheduleSummary finish() {
    while (!members_.empty()) wait();
    observer_.clear();
    summary_.interrupted = summary_.interrupted || interrupted();
    return summary_;
  }

 private:
  struct Member {
    std::size_t index;
    RunClaim claim;  ///< released after the worker has ended
    Worker worker;
    std::optional<Clock::time_point> told;  ///< that its time is over
    bool killed = false;
    double memory = 0;
  };

  /// SIGTERM, and SIGKILL for who does not listen.
  void enforce_wall_limit() {
    const std::optional<double> limit = around_.experiment.stop.wall_seconds();
    if (!limit) return;
    const auto now = Clock::now();
    for (Member& member : members_) {
      if (!member.told && now - member.worker.started() >= std::chrono::duration<double>(*limit)) {
        member.told = now;
        member.worker.interrupt();
      } else if (member.told && !member.killed && now - *member.told >= grace_of(*limit)) {
        member.killed = true;
        member.worker.kill();
      }
    }
  }

  RunOutcome ended(Member& member) {
    const Run& run = runs_[member.index];
    RunOutcome outcome = member.worker.finish(run.result);
    if (member.told && !outcome.recorded) {
      const Experiment& experiment = around_.experiment;
      outcome.message = wall_limit_message(*experiment.stop.wall_seconds(), outcome.iterations,
                                           experiment.iterations_of(experiment.datasets[run.dataset],
                                                                    experiment.solvers[run.solver])) +
                        (member.killed ? ", and the next did not end" : "");
    }
    return outcome;
  }

  /// Leaves nothing half-written behind.
  [[noreturn]] void abandon() {
    observer_.clear();
    for (Member& member : members_) member.worker.abandon(runs_[member.index].result);
    members_.clear();
    end_by_interrupt();
  }

  /// Every run leaves a record, also one whose process crashed before it could write one.
  void record(std::size_t index, RunOutcome& outcome) const {
    if (outcome.recorded) return;
    try {
      RunSurroundings around = around_;
      around.data_sha256 = data_sha256_[runs_[index].dataset];
      record_failure(runs_[index], outcome, around);
    } catch (const std::exception& error) {
      outcome.message += fmt::format(" (and no result could be written: {})", error.what());
    }
  }

  void count(std::size_t index, RunOutcome outcome, bool told = false) {
    record(index, outcome);
    ++summary_.count[outcome.status];
    observer_.finish(index + 1, outcome);
    const Run& run = runs_[index];
    spdlog::debug("written: {}", run.result.string());
    if (outcome.checkpoints > 0)
      spdlog::debug("checkpoints: {}, {:.3f} s in all", outcome.checkpoints, outcome.checkpoint_seconds);
    // Interrupted although nobody asked us to end: a signal that only this process got.
    const bool alone = outcome.status == RunStatus::interrupted && !interrupted();
    if (told || (outcome.status != RunStatus::failed && !alone)) return;
    summary_.failures.push_back(
        fmt::format("{} / {} / seed {}: {}", around_.experiment.datasets[run.dataset].request.label,
                    around_.experiment.solvers[run.solver].label, run.seed, outcome.message));
  }

  const std::vector<Run>& runs_;
  const RunSurroundings& around_;
  RunObserver& observer_;
  std::vector<std::string> data_sha256_;
  std::list<Member> members_;
  ScheduleSummary summary_;
};

/// The data set of `entry` for a run with `seed`, checked against what the experiment wants of it.
template <class T>
Dataset<T> load_checked(const Experiment& experiment, const DatasetEntry& entry, long seed) {
  const DataRequest request = for_seed(entry.request, seed);
  spdlog::debug("loading {}", request.label);
  Dataset<T> data = load_dataset<T>(request);
  spdlog::debug("{}: {} training samples, {} features", request.label, data.train->x.n_cols,
                data.train->x.n_rows);
  check_loss(experiment, entry, data);
  check_own_split(experiment, entry, data);
  check_selection(experiment, entry, data);
  return data;
}

/// Makes the runs of a plan that nobody else makes.
template <class T>
class Schedule {
 public:
  Schedule(const Experiment& experiment, const std::vector<Run>& runs, const Environment& environment,
           const ScheduleOptions& options, RunObserver& observer)
      : experiment_(experiment),
        runs_(runs),
        environment_(environment),
        options_(options),
        observer_(observer),
        around_{experiment, environment, {}, options.threads},
        crew_(runs, around_, observer) {
    for (const Run& run : runs) stamps_.push_back(stamp_of(run.result));
  }

  ScheduleSummary execute() {
    std::vector<std::size_t> left(runs_.size());
    std::iota(left.begin(), left.end(), std::size_t{0});
    const double first = std::floor(options_.begin * static_cast<double>(left.size()));
    std::rotate(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(first), left.end());
    while (!left.empty() && !interrupted()) {
      std::vector<std::size_t> busy;  // made by others now: looked at again later
      std::size_t next = 0;
      for (; next < left.size() && !interrupted(); ++next) {
        if (!deal_with(left[next])) busy.push_back(left[next]);
      }
      busy.insert(busy.end(), left.begin() + static_cast<std::ptrdiff_t>(next), left.end());
      left = std::move(busy);
      if (!left.empty() && !interrupted()) wait_for_others(left.size());
    }
    ScheduleSummary summary = crew_.finish();
    summary.not_started = static_cast<long>(left.size());
    return summary;
  }

 private:
  /// True if the run is begun, or over; false if another process has it, or somebody interrupts.
  bool deal_with(std::size_t index) {
    const Run& run = runs_[index];
    if (adopt(index)) return true;
    if (!RunClaim::is_free(run.result, watch_)) return false;
    if (!provide(run)) {
      crew_.fail(index, unusable_, true);
      return true;
    }
    while (crew_.size() >= static_cast<std::size_t>(options_.jobs)) crew_.wait();
    const double memory = memory_of(run);
    if (const std::string lacking = wait_for_memory(memory); !lacking.empty()) {
      if (options_.shares && others_at_work()) return false;
      crew_.fail(index, lacking, false);
      return true;
    }
    if (interrupted()) return false;
    try {
      std::optional<RunClaim> claim = RunClaim::take(run.result, watch_);
      if (!claim) return false;
      if (adopt(index)) return true;  // while we were waiting
      claim->clear_leftovers();
      if (options_.team != nullptr) {
        make_together(index, *claim);
        return true;
      }
      Worker worker = start_patiently(run, *claim);
      crew_.add(index, std::move(worker), std::move(*claim), memory);
    } catch (const std::runtime_error& error) {  // no process, no claim
      crew_.fail(index, error.what(), false);
    }
    return true;
  }

  /// Whether another process, which may be on this host and have the memory, makes one of the runs.
  bool others_at_work() {
    return std::any_of(runs_.begin(), runs_.end(),
                       [&](const Run& run) { return !RunClaim::is_free(run.result, watch_); });
  }

  /// Bytes that the run needs besides the data, which are there; 0: nobody knows.
  double memory_of(const Run& run) const {
    const auto count = [](const auto& samples) {
      return samples ? static_cast<double>(samples->size()) : 0.0;
    };
    const RunShape shape = run_shape(
        experiment_, experiment_.datasets[run.dataset], experiment_.solvers[run.solver],
        static_cast<double>(data_->train->x.n_rows), static_cast<double>(data_->train->targets.n_rows),
        count(data_->train), count(data_->validation), count(data_->test));
    const std::optional<MemoryNeed> need = memory_need(experiment_.solvers[run.solver], shape);
    return need ? need->own : 0;
  }

  /// Waits until there is memory for a run beside those at work; why there will not be, even for it alone.
  std::string wait_for_memory(double needed) {
    constexpr double margin = 1.1;  // of the prediction
    for (;;) {
      if (crew_.size() == 0) free_memory_ = available_memory();
      if (!free_memory_ || needed == 0 || crew_.memory() + needed <= margin * *free_memory_ || interrupted())
        return {};
      if (crew_.size() == 0) {
        return fmt::format("not begun: it needs {} of memory beside the data, and {} are free",
                           memory_text(needed), memory_text(*free_memory_));
      }
      crew_.wait();
    }
  }

  /// True if another process has made the run, since this schedule began or since somebody planned it.
  bool adopt(std::size_t index) {
    const Run& run = runs_[index];
    const bool changed = stamp_of(run.result) != stamps_[index];
    if (!changed && options_.again) return false;
    std::optional<RunOutcome> outcome = outcome_elsewhere(run);
    // An old failure is tried again; a new one is not.
    if (outcome && !changed && !is_complete(outcome->status)) outcome.reset();
    if (outcome) crew_.adopt(index, std::move(*outcome));
    return outcome.has_value();
  }

  /// Loads the data set of `run` unless it is the present one, in the split of its seed; false if it cannot be used.
  bool provide(const Run& run) {
    const std::size_t dataset = run.dataset;
    const DatasetEntry& entry = experiment_.datasets[dataset];
    const std::pair wanted{dataset, for_seed(entry.request, run.seed).published.number};
    const bool refused = loaded_ && loaded_->first == dataset && !unusable_.empty();
    if (loaded_ == wanted || refused) return unusable_.empty();
    data_.reset();
    loaded_ = wanted;
    unusable_.clear();
    try {
      data_ = load_checked<T>(experiment_, entry, run.seed);
      crew_.loaded(dataset, data_->content_sha256);
    } catch (const ConfigError&) {
      throw;  // a mistake of the experiment's file
    } catch (const std::exception& error) {
      unusable_ = error.what();
      crew_.refuse(dataset, std::current_exception(), unusable_);
    }
    return unusable_.empty();
  }

  /// Starts a worker; where the system has no room for a process, waits for the others to end, or a while, and tries again.
  Worker start_patiently(const Run& run, const RunClaim& claim) {
    constexpr int most_attempts = 20;
    const auto body = [&](RunHooks hooks) {
      hooks.owned = [&claim] { return claim.held(); };
      const ComputeThreads threads(static_cast<std::size_t>(options_.threads));
      return execute_run(experiment_, run, *data_, environment_, options_.threads, hooks);
    };
    for (int attempt = 1;; ++attempt) {
      try {
        return Worker::start(body, line_, [&claim] { claim.beat(); });
      } catch (const std::system_error& error) {
        if (attempt == most_attempts || interrupted()) throw;
        spdlog::warn("{}; trying again", error.what());
        if (crew_.size() > 0) {
          const std::size_t before = crew_.size();
          while (crew_.size() == before) crew_.wait();
        } else {
          std::this_thread::sleep_for(std::chrono::milliseconds(tick_milliseconds));
        }
      }
    }
  }

  /// The run in this process and those that it leads; a crash of any of them ends the job.
  void make_together(std::size_t index, const RunClaim& claim) {
    Team& team = *options_.team;
    const Run& run = runs_[index];
    crew_.begin_here(index);
    RunHooks hooks = crew_.hooks_here(index);
    hooks.owned = [&claim] { return claim.held(); };
    hooks.processes = team.size();
    const Heartbeat heart([&claim] { claim.beat(); }, RunClaim::beat_interval);
    const ComputeThreads threads(static_cast<std::size_t>(options_.threads));
    const MakeSolver<T> make = [&] {
      if (!team.broken().empty()) {  // at the first try, while it went on from its checkpoint
        std::error_code ignored;
        std::filesystem::remove(checkpoint_file(run.result), ignored);
        team.abort(
            fmt::format("{}; the checkpoint that did not fit has been removed, start again", team.broken()));
      }
      return shared_solver<T>(team, experiment_, run, options_.threads, hooks.same_bits);
    };
    RunOutcome outcome = execute_run(experiment_, run, *data_, environment_, options_.threads, hooks, make);
    crew_.end_here(index, outcome);
    if (!team.broken().empty()) team.abort(team.broken());
  }

  void wait_for_others(std::size_t runs) {
    if (crew_.size() > 0) {
      crew_.wait();
      return;
    }
    if (!std::exchange(said_, true)) observer_.waiting(runs);
    std::this_thread::sleep_for(std::chrono::milliseconds(tick_milliseconds));
  }

  const Experiment& experiment_;
  const std::vector<Run>& runs_;
  const Environment& environment_;
  const ScheduleOptions& options_;
  RunObserver& observer_;
  const RunSurroundings around_;
  Lifeline line_;
  ClaimWatch watch_;
  Crew crew_;
  std::vector<std::string> stamps_;  ///< of the results, when the schedule began
  std::optional<Dataset<T>> data_;
  std::optional<std::pair<std::size_t, std::optional<long>>> loaded_;  ///< data set, and number of its split
  std::string unusable_;  ///< why the loaded data set cannot be used; empty: it can
  bool said_ = false;
  std::optional<double> free_memory_;  ///< when no run was at work
};

}  // namespace

ScheduleSummary execute_plan(const Experiment& experiment, const std::vector<Run>& runs,
                             const Environment& environment, const ScheduleOptions& options,
                             RunObserver& observer) {
  catch_interrupts();
  return experiment.precision == "float32"
             ? Schedule<float>(experiment, runs, environment, options, observer).execute()
             : Schedule<double>(experiment, runs, environment, options, observer).execute();
}

}  // namespace admmbench
