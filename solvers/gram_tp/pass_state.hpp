#pragma once
/// What gram_tp and gorth know of the batches so far: when metrics are due, what the safeguard says, and what a pass reports.

#include <algorithm>
#include <vector>

#include "core/parallel/sample_sum.hpp"
#include "solvers/gram_tp/step_guard.hpp"
#include "solvers/gram_tp/target_layers.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

/// Mean over the batches of a pass. Where processes share the samples each has its own part of the value.
class PassMean {
 public:
  void add(double sample) { value_ += (sample - value_) / ++batches_; }
  /// Of all processes.
  double value(const SampleSum& sum) const { return sum.total(value_); }

  /// In the archive is the value of all.
  void archive(StateArchive& a, const SampleSum& sum) {
    double whole = value(sum);
    a(whole, batches_);
    if (a.restores()) value_ = sum.leads() ? whole : 0;
  }

 private:
  double value_ = 0;
  double batches_ = 0;
};

template <class T>
struct PassState {
  StepGuard<T> guard;
  std::vector<double> eta;  ///< length of every layer's last step, where it has one; index l-1
  long t = 0;               ///< batches so far
  long next_refresh = 0;    ///< batch in which factorisations are due
  double violation = 0;     ///< largest increase of the batch objective in the pass's majorised rounds
  PassMean residual;        ///< of sum_l ||e_l||^2 / B

  /// `interval`: see StepGuard::start().
  void start(const LossSafeguardOptions& options, long interval, const TargetLayers<T>& layers) {
    guard.start(options, interval, layers.weights());
    eta.assign(layers.L(), 0.0);
    t = 0;
    next_refresh = 0;
    begin();
  }

  void begin() {
    violation = 0;
    residual = {};
  }

  /// Whether this batch factorises. Intervals grow up to `most`: the weights move most at first.
  bool factorises(long least, long most) {
    if (t < next_refresh) return false;
    next_refresh = t + std::clamp(t, std::min(least, most), most);
    return true;
  }

  void add_residual(double sum, const TargetLayers<T>& layers) {
    residual.add(sum / static_cast<double>(layers.samples()));
  }

  /// A round of block minimisations from the forward pass, whose loss is `loss`.
  void minimise_blocks(TargetLayers<T>& layers, double loss) {
    guard.majorised();
    const auto round = layers.minimise_blocks(loss, eta);
    add_residual(round.residual, layers);
    violation = std::max(violation, round.violation);
  }

  /// residual, step_factor, fallbacks and descent_violation.
  Diagnostics diagnostics(const SampleSum& sum) const {
    Diagnostics result;
    result.residual = residual.value(sum);
    result.named = {{"step_factor", guard.factor()},
                    {"fallbacks", static_cast<double>(guard.fallbacks())},
                    {"descent_violation", violation}};
    return result;
  }

  void archive(StateArchive& archive, const SampleSum& sum) {
    archive(guard, eta, t, next_refresh, violation);
    residual.archive(archive, sum);
  }
};

}  // namespace admmbench
