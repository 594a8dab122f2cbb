#include "experiments/harness/run/scheduler.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>
#include <list>
#include <optional>
#include <system_error>
#include <thread>

#include "core/compute/parallel_pass.hpp"
#include "datasets/dataset.hpp"
#include "experiments/harness/run/interrupt.hpp"
#include "experiments/harness/run/worker.hpp"

namespace admmbench {

namespace {

constexpr int tick_milliseconds = 250;

/// The workers at work, and the bookkeeping around them.
class Crew {
 public:
  Crew(const std::vector<Run>& runs, const RunSurroundings& around, RunObserver& observer)
      : runs_(runs), around_(around), observer_(observer), data_sha256_(around.experiment.datasets.size()) {}

  /// What the records of the runs on data set number `dataset` call their data.
  void loaded(std::size_t dataset, const std::string& data_sha256) { data_sha256_[dataset] = data_sha256; }

  std::size_t size() const { return members_.size(); }

  void add(std::size_t index, Worker worker) {
    members_.push_back({index, std::move(worker)});
    observer_.start(index + 1, runs_[index]);
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
        count(member->index, member->worker.finish(runs_[member->index].result));
        member = members_.erase(member);
      }
    }
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
    Worker worker;
  };

  /// Leaves nothing half-written behind.
  [[noreturn]] void abandon() {
    observer_.clear();
    for (Member& member : members_) member.worker.abandon(runs_[member.index].result);
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

/// The data set of `entry`, checked against what the experiment wants of it.
template <class T>
Dataset<T> load_checked(const Experiment& experiment, const DatasetEntry& entry) {
  const DataRequest& request = entry.request;
  spdlog::debug("loading {}", request.label);
  Dataset<T> data = load_dataset<T>(request);
  spdlog::debug("{}: {} training samples, {} features", request.label, data.train->x.n_cols,
                data.train->x.n_rows);
  check_loss(experiment, entry, data);
  check_selection(experiment, entry, data);
  return data;
}

/// Starts a worker; where the system has no room for a process, waits for the others to end, or a while, and tries again.
Worker start_patiently(Crew& crew, const std::function<RunOutcome(const RunHooks&)>& body) {
  constexpr int most_attempts = 20;
  for (int attempt = 1;; ++attempt) {
    try {
      return Worker::start(body);
    } catch (const std::system_error& error) {
      if (attempt == most_attempts || interrupted()) throw;
      spdlog::warn("{}; trying again", error.what());
      if (crew.size() > 0) {
        const std::size_t before = crew.size();
        while (crew.size() == before) crew.wait();
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(tick_milliseconds));
      }
    }
  }
}

template <class T>
ScheduleSummary execute(const Experiment& experiment, const std::vector<Run>& runs,
                        const Environment& environment, const ScheduleOptions& options,
                        RunObserver& observer) {
  const RunSurroundings around{experiment, environment, {}, options.threads};
  Crew crew(runs, around, observer);
  std::optional<Dataset<T>> data;
  std::optional<std::size_t> loaded;
  std::string why;  // the present data set cannot be used; empty: it can
  std::size_t next = 0;
  for (; next < runs.size() && !interrupted(); ++next) {
    const Run& run = runs[next];
    if (loaded != run.dataset) {
      data.reset();
      loaded = run.dataset;
      why.clear();
      try {
        data = load_checked<T>(experiment, experiment.datasets[run.dataset]);
        crew.loaded(run.dataset, data->content_sha256);
      } catch (const ConfigError&) {
        throw;  // a mistake of the experiment's file
      } catch (const std::exception& error) {
        why = error.what();
        crew.refuse(run.dataset, std::current_exception(), why);
      }
    }
    if (!why.empty()) {
      crew.fail(next, why, true);
      continue;
    }
    while (crew.size() >= static_cast<std::size_t>(options.jobs)) crew.wait();
    if (interrupted()) break;
    try {
      crew.add(next, start_patiently(crew, [&](const RunHooks& hooks) {
                 const ComputeThreads threads(static_cast<std::size_t>(options.threads));
                 return execute_run(experiment, run, *data, environment, options.threads, hooks);
               }));
    } catch (const std::system_error& error) {
      crew.fail(next, error.what(), false);
    }
  }
  ScheduleSummary summary = crew.finish();
  summary.not_started = static_cast<long>(runs.size() - next);
  return summary;
}

}  // namespace

ScheduleSummary execute_plan(const Experiment& experiment, const std::vector<Run>& runs,
                             const Environment& environment, const ScheduleOptions& options,
                             RunObserver& observer) {
  catch_interrupts();
  return experiment.precision == "float32"
             ? execute<float>(experiment, runs, environment, options, observer)
             : execute<double>(experiment, runs, environment, options, observer);
}

}  // namespace admmbench
