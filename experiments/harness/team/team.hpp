#pragma once
/// Processes that make every run of an experiment together: the leader, rank 0, goes through the runs as a process alone does, and
/// gives the others, which wait, an order before every call of the method that all have to make (docs/distributed.md).

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "core/mpi/mpi.hpp"
#include "core/parallel/communicator.hpp"
#include "experiments/harness/config/experiment.hpp"

namespace admmbench {

enum class Order : std::uint8_t {
  begin_run,   ///< a TeamRun follows
  initialize,  ///< the initial network and the seed follow
  step,
  network,
  diagnostics,
  visit_state,
  save,
  restore,
  work,  ///< what the others have counted
  end_run,
  end,
};

/// What the others must know of a run.
struct TeamRun {
  std::string config;         ///< Run::config, from which they make the experiment
  std::string folder;         ///< absolute; files of the experiment are relative to it
  std::vector<long> layers;   ///< ParallelOptions::layers
  std::uint64_t shards = 1;   ///< of the training samples
  std::uint64_t threads = 1;  ///< of every process
  std::uint64_t send_u = 0;   ///< ParallelOptions::send_u
};

/// How many groups of layers and shards of samples `processes` make of a run.
struct TeamShape {
  long groups = 1;
  long shards = 1;
};

/// Of a method that can share `layers` or `samples`; throws std::invalid_argument if that many processes cannot share it as `options`
/// say, with what would be right.
TeamShape team_shape(bool layers, bool samples, const ParallelOptions& options, long processes);

class Team {
 public:
  /// `session` must outlive the team.
  explicit Team(MpiSession& session) : session_(session) {}
  /// The leader sends the others home.
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  long size() const { return session_.world().size(); }
  bool leads() const { return session_.world().leads(); }
  Communicator& all() { return session_.world(); }

  /// In the leader: tells the others. In the others: waits for it.
  void give(Order order);
  Order take();

  /// The leader's values, in all.
  void share(std::uint64_t& value);
  void share(std::string& text);
  void share(TeamRun& run);

  /// The communicators of a run of so many shards; they stay until a run of another number.
  const ParallelRun& form(const TeamRun& run);

  /// All processes call it after what each did alone, with what it threw, or null. Throws in all of them if any of them threw: its
  /// own exception, or what the first of the others said, with its rank.
  void agree(const std::exception_ptr& mine);

  /// Ends the job; see MpiSession::abort.
  [[noreturn]] void abort(const std::string& why) { session_.abort(1, why); }

  /// In the leader, after the method threw in the middle of a step: the others wait for messages that will not come. The job can only
  /// end, after the run's record has been written.
  void give_up(std::string why) { broken_ = std::move(why); }
  const std::string& broken() const { return broken_; }

 private:
  MpiSession& session_;
  ParallelRun run_;
  std::unique_ptr<Communicator> layers_;
  std::unique_ptr<Communicator> samples_;
  std::string broken_;
};

}  // namespace admmbench
