#pragma once
/// What a run writes down of itself between its iterations.

#include <fmt/format.h>

#include <armadillo>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/compute/counters.hpp"
#include "core/problem/problem.hpp"
#include "core/problem/state_archive.hpp"
#include "experiments/harness/config/stop_rules.hpp"
#include "results/record/trajectory.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

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
    std::vector<std::pair<std::string, double>> row{{"seconds", seconds}};
    if (solver_.counts_operations()) row.emplace_back("flops", static_cast<double>(counters.flops()));
    row.emplace_back("objective", objective);
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
    trajectory_.complete();
    last_ = {train.mean_loss, train.accuracy, validation, test};
    return std::isfinite(objective) && std::isfinite(train.mean_loss);
  }
  const Progress::Evaluated& last() const { return last_; }
  void archive(StateArchive& archive) { archive(trajectory_); }
  void drop_last() { trajectory_.drop_last(); }
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

}  // namespace admmbench
