#pragma once
/// What the gradient baselines share: passes over the training set in batches, gradients by back-propagation,
/// and an update rule per method. One iteration = one pass; full batch = one update per pass.

#include <optional>

#include "core/problem/backprop.hpp"
#include "core/problem/batches.hpp"
#include "core/problem/step_schedule.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

/// Members that every gradient baseline has.
struct BatchParameters {
  double mu = 0;
  std::optional<long> batch_size;  ///< empty: full batch
  Schedule schedule;
  InitialWeights weights = InitialWeights::gaussian;

  void visit(ParameterVisitor& v) {
    v.real("mu", mu, non_negative, "weight decay (mu/2)||W||^2 (weights only, not biases)");
    v.integer_or_word("batch_size", batch_size, "full", at_least_one,
                      "samples per update; the last batch of a pass may be smaller");
    v.group("schedule", schedule, "decay of learning_rate over the run");
    visit_initial_weights(v, weights);
  }
};

template <class T>
class FirstOrder : public Solver<T> {
 public:
  Network<T> initial_network(const Problem<T>& given, std::uint64_t seed) const final {
    return initial_weights<T>(batch_.weights, given.widths, seed);
  }
  void step() final;
  const Network<T>& network() const final { return network_; }

 protected:
  using Solver<T>::problem;

  explicit FirstOrder(const BatchParameters& batch) : batch_(batch) {}

  void start(Network<T> initial, std::uint64_t seed) final;

  /// Sizes the method's own state; `arrays` arrays of `sizes` entries: W_1, b_1, W_2, ...
  virtual void reserve(const std::vector<arma::uword>& sizes) = 0;
  /// Called before the updates of one batch; `t` = 1, 2, ... counts the batches of the whole run, `factor` is the schedule's
  /// on the learning rate.
  virtual void begin_update(long t, double factor) = 0;
  /// v <- v + update from gradient g, both `n` entries, for array number `array`.
  virtual void update(std::size_t array, T* v, const T* g, arma::uword n) = 0;

 private:
  void update_from(const arma::Mat<T>& x, const arma::Mat<T>& targets);

  BatchParameters batch_;
  Network<T> network_;
  Network<T> gradient_;
  Backprop<T> backprop_;
  Batches<T> batches_;
  std::vector<T> x_;        ///< n_0 x B, the gathered batch
  std::vector<T> targets_;  ///< n_L x B
  long t_ = 0;
};

/// One zero-initialised moment per parameter array, for the update rules.
template <class T>
using Moments = std::vector<std::vector<T>>;

template <class T>
void reserve_moments(Moments<T>& moments, const std::vector<arma::uword>& sizes) {
  moments.clear();
  for (const arma::uword size : sizes) moments.emplace_back(size, T(0));
}

/// What a method of this kind costs; `update`: entries of moments and gradient that an update reads and writes per parameter,
/// `moments`: those it keeps.
MethodCost first_order_cost(const CostShape& shape, const CostOptions& options, double update,
                            double moments);

}  // namespace admmbench
