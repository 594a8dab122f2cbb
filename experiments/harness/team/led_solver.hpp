#pragma once
/// The method of a run that several processes share, as the leader's harness sees it: a Solver, whose calls the others make too.

#include <memory>
#include <vector>

#include "experiments/harness/plan/plan.hpp"
#include "experiments/harness/team/team.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

/// `method` in the leader, and the same in the others, which this orders to make it of `run`. `team` must outlive it.
template <class T>
std::unique_ptr<Solver<T>> led_by(Team& team, const TeamRun& run, std::unique_ptr<Solver<T>> method);

/// The solver of `run` of `experiment` for a team: led_by() with what its `parallel:` says. `same_bits` is set to whether the number of
/// processes leaves the bits alone. Throws std::invalid_argument as team_shape().
template <class T>
std::unique_ptr<Solver<T>> shared_solver(Team& team, const Experiment& experiment, const Run& run,
                                         long threads, bool& same_bits);

/// Throws ConfigError, at the entry of the solver or of `parallel`, if the team cannot share all of `runs`.
void check_sharing(const Experiment& experiment, const std::vector<Run>& runs, long processes);

/// In the others: does as the leader orders, until the end of its runs.
void follow(Team& team);

/// The columns of shard `rank` of `size` of the training samples `whole`; `whole` itself for one shard.
template <class T>
std::shared_ptr<const Samples<T>> own_columns(const std::shared_ptr<const Samples<T>>& whole, int rank,
                                              int size);

}  // namespace admmbench
