#pragma once
/// Watches the losses of mini-batches and says when to distrust the steps: the safeguard of gram_tp (docs/methods/gram_tp.md).

#include <limits>

#include "core/parameters.hpp"

namespace admmbench {

struct LossSafeguardOptions {
  bool on = true;
  double rise = 1.25;   ///< of the running mean loss over its lowest value
  double slack = 0.05;  ///< and by this share of the first batch's loss
  long window = 20;     ///< batches of the running mean, and of majorised steps after a rise

  void visit(ParameterVisitor& v);
};

class LossSafeguard {
 public:
  enum class Verdict {
    go_on,
    keep,    ///< the running mean is at a low: these weights are worth keeping
    go_back  ///< it has risen, or the loss is not finite: back to the weights kept last
  };

  /// Lows are kept at intervals that grow to `interval` batches: the first losses fall fast, and a copy of all weights is not free.
  void initialize(const LossSafeguardOptions& options, long interval);

  /// `loss`: of the next batch, at the weights before its update. The first batch is never a reason to go back.
  Verdict observe(double loss);

  /// After going back: the mean starts anew.
  void restart();

  template <class Archive>
  void archive(Archive& a) {
    a(interval_, batches_, kept_at_, first_, mean_, lowest_, in_mean_);
  }

 private:
  LossSafeguardOptions options_;
  long interval_ = 1;
  long batches_ = 0;
  long kept_at_ = 0;
  double first_ = 0;
  double mean_ = 0;
  double lowest_ = std::numeric_limits<double>::infinity();
  double in_mean_ = 0;  ///< batches that the mean is of
};

}  // namespace admmbench
