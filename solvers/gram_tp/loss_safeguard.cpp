#include "solvers/gram_tp/loss_safeguard.hpp"

#include <algorithm>
#include <cmath>

namespace admmbench {

void LossSafeguardOptions::visit(ParameterVisitor& v) {
  v.boolean("on", on, "go back and take majorised steps when the loss of the batches has risen");
  if (on || v.wants_all()) {
    v.real("rise", rise, above_one, "a rise: running mean above this factor of its lowest value, and");
    v.real("slack", slack, non_negative, "by more than this share of the first batch's loss");
    v.integer("window", window, at_least_one,
              "batches of the running mean, and of majorised steps after a rise");
  }
}

void LossSafeguard::initialize(const LossSafeguardOptions& options, long interval) {
  *this = LossSafeguard();
  options_ = options;
  interval_ = interval;
}

LossSafeguard::Verdict LossSafeguard::observe(double loss) {
  if (!options_.on) return Verdict::go_on;
  const long batch = batches_++;
  if (batch == 0) first_ = loss;
  if (!std::isfinite(loss)) return batch == 0 ? Verdict::go_on : Verdict::go_back;
  in_mean_ = std::min(in_mean_ + 1, static_cast<double>(options_.window));
  mean_ += (loss - mean_) / in_mean_;
  if (mean_ > options_.rise * lowest_ + options_.slack * first_) return Verdict::go_back;
  if (mean_ > lowest_) return Verdict::go_on;
  lowest_ = mean_;
  constexpr long growth = 4;  // an interval is at most a quarter of the batches so far
  if (batch < kept_at_ + std::clamp(batch / growth, 1L, interval_)) return Verdict::go_on;
  kept_at_ = batch;
  return Verdict::keep;
}

void LossSafeguard::restart() {
  in_mean_ = 0;
  mean_ = 0;
  lowest_ = std::numeric_limits<double>::infinity();
}

}  // namespace admmbench
