#pragma once
/// When a run ends before its last iteration (key `stop`, docs/reference/experiments.md#stop-rules).

#include <optional>
#include <string>

#include "core/parameters.hpp"

namespace admmbench {

/// All optional.
struct StopRules {
  std::optional<double> time_limit;  ///< of the solver's own clock
  std::optional<double> residual;
  std::optional<long> patience;
  std::optional<double> target_accuracy;
  std::string
      wall_limit;  ///< of everything a run does, by the clock on the wall; enforced by whoever started it

  /// Seconds of `wall_limit`; empty: none.
  std::optional<double> wall_seconds() const;
  bool needs_residual() const { return residual.has_value(); }
  bool needs_evaluation() const { return patience.has_value() || target_accuracy.has_value(); }

  void visit(ParameterVisitor& v);
};

/// What the rules look at after an iteration.
struct Progress {
  long iteration = 0;
  double seconds = 0;
  std::optional<double> residual;
  /// Set at recorded iterations only.
  struct Evaluated {
    double train_loss = 0;
    std::optional<double> train_accuracy, validation_accuracy, test_accuracy;
  };
  std::optional<Evaluated> evaluated;
};

/// Applies the rules to one run, iteration by iteration.
///
///   time_limit       seconds >= time_limit
///   residual         the method's residual <= residual
///   patience         no new best for that many iterations: of the validation accuracy, or of the training loss where
///                    there is no validation accuracy; looked at where recorded
///   target_accuracy  validation accuracy >= target_accuracy; of the test set where there is no validation set, of the
///                    training set where there is neither; looked at where recorded
class StopMonitor {
 public:
  explicit StopMonitor(const StopRules& rules) : rules_(rules) {}

  /// The reason to stop, or empty. To be called in the order of the iterations, the initial point included (it counts
  /// for `patience`, but never stops a run).
  std::optional<std::string> check(const Progress& progress);

  template <class Archive>
  void archive(Archive& a) {
    bool has = best_.has_value();
    double best = best_.value_or(0);
    a(has, best, best_iteration_);
    if (has) best_ = best;
  }

 private:
  std::optional<std::string> check_patience(const Progress& progress);
  std::optional<std::string> check_target(const Progress& progress) const;

  StopRules rules_;
  std::optional<double> best_;  ///< larger is better
  long best_iteration_ = 0;
};

}  // namespace admmbench
