#include "experiments/harness/run/scheduler.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>

#include <list>
#include <optional>

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
  Crew(const Experiment& experiment, const std::vector<Run>& runs, RunObserver& observer)
      : experiment_(experiment), runs_(runs), observer_(observer) {}

  std::size_t size() const { return members_.size(); }

  void add(std::size_t index, Worker worker) {
    members_.push_back({index, std::move(worker)});
    observer_.start(index + 1, runs_[index]);
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
        count(member->index, member->worker.finish());
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

  void count(std::size_t index, const RunOutcome& outcome) {
    ++summary_.count[outcome.status];
    observer_.finish(index + 1, outcome);
    if (outcome.status != RunStatus::failed) spdlog::debug("written: {}", runs_[index].result.string());
    if (outcome.status == RunStatus::failed) {
      summary_.failures.push_back(
          fmt::format("{} / {} / seed {}: {}", experiment_.datasets[runs_[index].dataset].request.label,
                      experiment_.solvers[runs_[index].solver].label, runs_[index].seed, outcome.message));
    }
  }

  const Experiment& experiment_;
  const std::vector<Run>& runs_;
  RunObserver& observer_;
  std::list<Member> members_;
  ScheduleSummary summary_;
};

template <class T>
ScheduleSummary execute(const Experiment& experiment, const std::vector<Run>& runs,
                        const Environment& environment, const ScheduleOptions& options,
                        RunObserver& observer) {
  Crew crew(experiment, runs, observer);
  std::optional<Dataset<T>> data;
  std::optional<std::size_t> loaded;
  std::size_t next = 0;
  for (; next < runs.size() && !interrupted(); ++next) {
    const Run& run = runs[next];
    if (loaded != run.dataset) {
      data.reset();
      const DataRequest& request = experiment.datasets[run.dataset].request;
      spdlog::debug("loading {}", request.label);
      data = load_dataset<T>(request);
      spdlog::debug("{}: {} training samples, {} features", request.label, data->train->x.n_cols,
                    data->train->x.n_rows);
      check_loss(experiment, experiment.datasets[run.dataset], *data);
      check_selection(experiment, experiment.datasets[run.dataset], *data);
      loaded = run.dataset;
    }
    while (crew.size() >= static_cast<std::size_t>(options.jobs)) crew.wait();
    if (interrupted()) break;
    crew.add(next, Worker::start([&](const RunHooks& hooks) {
               const ComputeThreads threads(static_cast<std::size_t>(options.threads));
               return execute_run(experiment, run, *data, environment, options.threads, hooks);
             }));
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
