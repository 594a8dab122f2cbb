#pragma once
/// The safeguard of gram_tp and gorth (docs/methods/gram_tp.md): the weights of the last low of the loss, what is taken back to them
/// when it has risen, and majorised steps for a while after that.

#include <vector>

#include "core/problem/network.hpp"
#include "solvers/gram_tp/loss_safeguard.hpp"

namespace admmbench {

template <class T>
class StepGuard {
 public:
  /// `interval`: batches between weights that are kept, at most.
  void start(const LossSafeguardOptions& options, long interval, const std::vector<arma::Mat<T>>& Wb) {
    window_ = options.window;
    watch_.initialize(options, interval);
    low_ = Wb;
    factor_ = 1;
    fallbacks_ = 0;
    left_ = 0;
  }

  /// `loss`: of the next batch at the weights Wb. True if they have been taken back to those of the last low: this batch is to be left,
  /// velocities are to be zero and the next batch to factorise.
  bool goes_back(double loss, std::vector<arma::Mat<T>>& Wb) {
    const LossSafeguard::Verdict verdict = watch_.observe(loss);
    if (verdict == LossSafeguard::Verdict::keep) copy_weights(Wb, low_);
    if (verdict != LossSafeguard::Verdict::go_back) return false;
    copy_weights(low_, Wb);
    factor_ /= 2;
    ++fallbacks_;
    left_ = window_;
    watch_.restart();
    return true;
  }

  bool majorises() const { return left_ > 0; }  ///< whether this batch is to be majorised
  void majorised() {                            ///< it has been
    if (left_ > 0) --left_;
  }
  double factor() const { return factor_; }  ///< on the step length, halved by every rise
  long fallbacks() const { return fallbacks_; }

  template <class Archive>
  void archive(Archive& a) {
    a(watch_, low_, factor_, fallbacks_, left_);
  }

 private:
  LossSafeguard watch_;
  std::vector<arma::Mat<T>> low_;
  long window_ = 0;
  double factor_ = 1;
  long fallbacks_ = 0;
  long left_ = 0;
};

}  // namespace admmbench
