#pragma once
/// A run whose training samples the processes of an MPI test share, beside the same run in one process.

#include <memory>
#include <string>

#include "core/parallel/team_state.hpp"
#include "solvers/solver.hpp"
#include "tests/support/memory_archive.hpp"
#include "tests/support/solver_state.hpp"

namespace admmbench::testing {

/// Process `rank`'s columns of the problem.
template <class T>
Problem<T> share_of(const Problem<T>& whole, const Communicator& samples) {
  const Shard shard = shard_of(whole.samples(), samples.rank(), samples.size());
  auto train = std::make_shared<Samples<T>>();
  train->x = whole.x().cols(shard.begin, shard.end - 1);
  train->targets = whole.targets().cols(shard.begin, shard.end - 1);
  Problem<T> mine = whole;
  mine.train = std::move(train);
  mine.samples_of_all = whole.samples();
  return mine;
}

/// The largest difference of two arrays of the same shape, relative to the largest entry of `expected`; infinite where shapes differ.
template <class T>
double difference(const arma::Mat<T>& found, const arma::Mat<T>& expected) {
  if (arma::size(found) != arma::size(expected)) return std::numeric_limits<double>::infinity();
  if (expected.is_empty()) return 0;
  const double largest = static_cast<double>(arma::abs(expected).max());
  const double apart = static_cast<double>(arma::abs(found - expected).max());
  if (!std::isfinite(apart)) return std::numeric_limits<double>::infinity();
  return apart / std::max(largest, std::numeric_limits<double>::min());
}

/// One process's part of a run that `samples` share; all of them call the members together.
template <class T>
class SharedRun {
 public:
  SharedRun(const ConfiguredSolver& configured, const Problem<T>& whole, Communicator& samples,
            std::uint64_t seed)
      : samples_(samples), alone_(samples.split(samples.rank(), 0)), problem_(share_of(whole, samples)) {
    team_.all = team_.samples = &samples;
    team_.layers = alone_.get();
    solver_ = configured.make<T>();
    solver_->share(team_);
    solver_->initialize(problem_, solver_->initial_network(whole, seed), seed);
  }

  Solver<T>& solver() { return *solver_; }
  const Problem<T>& problem() const { return problem_; }

  /// The whole state in the leader; empty elsewhere.
  std::map<std::string, arma::Mat<T>> state() const {
    testing::SolverState<T> shown;
    TeamVisitor<T> visitor(samples_, problem_.total_samples(), samples_.leads() ? &shown : nullptr);
    solver_->visit_state(visitor);
    return shown.variables;
  }

  /// The whole state's bytes in the leader.
  std::string save() const {
    SavedInMemory archive;
    TeamArchive whole(samples_, problem_.total_samples(), samples_.leads() ? &archive : nullptr, false);
    solver_->archive(whole);
    return archive.saved;
  }
  /// `saved` is looked at in the leader alone.
  void restore(const std::string& saved) {
    RestoredFromMemory archive(saved);
    TeamArchive whole(samples_, problem_.total_samples(), samples_.leads() ? &archive : nullptr, true);
    solver_->archive(whole);
  }

  /// Whether W and b have the same bits in all processes.
  bool same_weights() const {
    bool same = true;
    const Network<T>& network = solver_->network();
    for (arma::uword l = 0; l < network.layers(); ++l)
      same = same_as_leader(network.W[l]) && same_as_leader(network.b[l]) && same;
    double different = same ? 0 : 1;
    samples_.sum({&different, 1});
    return different == 0;
  }

 private:
  bool same_as_leader(const arma::Mat<T>& A) const {
    arma::Mat<T> leaders = A;
    samples_.broadcast(bytes_of(leaders.memptr(), leaders.n_elem), 0);
    return std::equal(A.begin(), A.end(), leaders.begin());
  }

  Communicator& samples_;
  std::unique_ptr<Communicator> alone_;
  ParallelRun team_;
  Problem<T> problem_;
  std::unique_ptr<Solver<T>> solver_;
};

}  // namespace admmbench::testing
