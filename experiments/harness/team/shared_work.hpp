#pragma once
/// What leader and others do alike: the clock and the counters of their part of a run, and how they hand over its state.

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

#include "core/compute/counters.hpp"
#include "core/parallel/communicator.hpp"
#include "core/parallel/team_state.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

/// Waiting for messages inside of the method's steps, over all communicators of the run, in seconds.
inline double waiting_of(const ParallelRun& run) {
  double sum = run.all->traffic().waiting;
  for (const Communicator* part : {run.layers, run.samples}) sum += part->traffic().waiting;
  return sum;
}

/// Makes the steps of one process.
template <class T>
class TimedSteps {
 public:
  void step(Solver<T>& method, const ParallelRun& run) {
    const double waited = waiting_of(run);
    const auto begin = std::chrono::steady_clock::now();
    method.step();
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    waiting_ += waiting_of(run) - waited;
  }

  /// What all processes call, for the columns of the record: appended in the leader.
  void report(Communicator& all, std::vector<std::pair<std::string, double>>& named) const {
    const double own = seconds_ - waiting_;
    std::array<double, 2> sums{own, waiting_};
    std::array<double, 1> largest{own};
    all.sum(std::span<double>(sums));
    all.max(std::span<double>(largest));
    const double processes = all.size();
    named.emplace_back("computing", sums[0] / processes);
    named.emplace_back("waiting", sums[1] / processes);
    named.emplace_back("imbalance", sums[0] > 0 ? largest[0] * processes / sums[0] : 1.0);
  }

 private:
  double seconds_ = 0;
  double waiting_ = 0;
};

/// All processes call it with an archive of their own: the leader's is of the whole state, whoever has the samples' columns.
template <class T>
void archive_together(Solver<T>& method, const ParallelRun& run, const Problem<T>& own,
                      StateArchive& archive) {
  if (run.samples->size() == 1) {
    method.archive(archive);
    return;
  }
  TeamArchive whole(*run.samples, own.total_samples(), run.samples->leads() ? &archive : nullptr,
                    archive.restores());
  method.archive(whole);
}

/// All processes call it: the leader's visitor is shown the whole state.
template <class T>
void show_together(const Solver<T>& method, const ParallelRun& run, const Problem<T>& own,
                   StateVisitor<T>& visitor) {
  if (run.samples->size() == 1) {
    method.visit_state(visitor);
    return;
  }
  TeamVisitor<T> whole(*run.samples, own.total_samples(), run.samples->leads() ? &visitor : nullptr);
  method.visit_state(whole);
}

/// All processes call it: the counts of all but the leader go to the leader, as what they return, and begin anew.
inline Counters collect_work(Communicator& all, Counters& own) {
  std::array<double, 8> counts{};
  if (!all.leads()) {
    counts = {static_cast<double>(own.products),        static_cast<double>(own.product_flops),
              static_cast<double>(own.product_bytes),   static_cast<double>(own.solve_flops),
              static_cast<double>(own.passes),          static_cast<double>(own.pass_bytes),
              static_cast<double>(own.iterative_flops), static_cast<double>(own.iterative_bytes)};
    own = {};
  }
  all.sum(std::span<double>(counts));
  Counters sum;
  if (!all.leads()) return sum;
  const auto whole = [](double value) { return static_cast<std::uint64_t>(value); };  // exact below 2^53
  sum.products = whole(counts[0]);
  sum.product_flops = whole(counts[1]);
  sum.product_bytes = whole(counts[2]);
  sum.solve_flops = whole(counts[3]);
  sum.passes = whole(counts[4]);
  sum.pass_bytes = whole(counts[5]);
  sum.iterative_flops = whole(counts[6]);
  sum.iterative_bytes = whole(counts[7]);
  return sum;
}

}  // namespace admmbench
