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
    visit_batches(v);
  }
  /// Without mu, for methods in which it means something else.
  void visit_batches(ParameterVisitor& v) {
    v.integer_or_word("batch_size", batch_size, "full", at_least_one,
                      "samples per update; the last batch of a pass may be smaller");
    v.group("schedule", schedule, "decay of learning_rate over the run");
    visit_initial_weights(v, weights);
  }
  /// mu as decoupled decay, W <- (1 - h mu) W.
  void visit_decoupled(ParameterVisitor& v) {
    v.real("mu", mu, non_negative,
           "decoupled weight decay: W shrinks by learning_rate mu per update (weights only, not biases)");
    visit_batches(v);
  }
  /// What the gradient sees where the decay is decoupled.
  BatchParameters without_decay() const {
    BatchParameters seen = *this;
    seen.mu = 0;
    return seen;
  }
};

template <class T>
class FirstOrder : public Solver<T> {
 public:
  Network<T> initial_network(const Problem<T>& given, std::uint64_t seed) const final {
    return initial_weights<T>(batch_.weights, given.widths, seed);
  }
  void step() final;
  /// Of methods that take gradient() as it comes. One sum per batch, of the gradient.
  bool shares_samples() const override { return true; }
  const Network<T>& network() const override { return network_; }
  void archive(StateArchive& archive) override;

 protected:
  using Solver<T>::problem;

  explicit FirstOrder(const BatchParameters& batch) : batch_(batch) {}

  void start(Network<T> initial, std::uint64_t seed) override;

  /// Sizes the method's own state; `arrays` arrays of `sizes` entries: W_1, b_1, W_2, ...
  virtual void reserve(const std::vector<arma::uword>& sizes) = 0;
  /// Called before the updates of one batch; `t` = 1, 2, ... counts the batches of the whole run, `factor` is the schedule's
  /// on the learning rate.
  virtual void begin_update(long t, double factor) = 0;
  /// v <- v + update from gradient g, both `n` entries, for array number `array`.
  virtual void update(std::size_t array, T* v, const T* g, arma::uword n) = 0;
  /// The method's own state.
  virtual void archive_moments(StateArchive& archive) = 0;

  /// gradient <- that of the batch at `at`. Whoever preconditions it overrides this.
  virtual void compute_gradient(const Network<T>& at, const arma::Mat<T>& x, const arma::Mat<T>& targets,
                                Network<T>& gradient);
  /// All updates of one batch, x n_0 x B; those of its columns that are here.
  virtual void update_from(const arma::Mat<T>& x, const arma::Mat<T>& targets);
  /// begin_update() of the next batch.
  void next_update();

  Network<T>& weights() { return network_; }
  Network<T>& gradient() { return gradient_; }
  const Batches<T>& batches() const { return batches_; }
  /// Layer of array number `array`, and whether it holds W_l.
  static arma::uword layer_of(std::size_t array) { return array / 2 + 1; }
  static bool is_weight(std::size_t array) { return array % 2 == 0; }
  arma::Mat<T>& layer_weights(std::size_t array) { return network_.W[layer_of(array) - 1]; }

 private:
  BatchParameters batch_;
  Network<T> network_;
  Network<T> gradient_;
  Backprop<T> backprop_;
  Batches<T> batches_;
  std::vector<T> x_;        ///< n_0 x B, the gathered batch
  std::vector<T> targets_;  ///< n_L x B
  SampleSum sum_;
  std::vector<T> packed_;         ///< not alone: the gradient, whose arrays are views of it
  arma::uword batch_of_all_ = 0;  ///< samples of the batch in all processes
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

/// Shows the moments as vectors, "mW1", "mb1", ...; layers without are left out.
template <class T>
void visit_moments(StateVisitor<T>& visitor, const std::string& name, const Moments<T>& moments) {
  for (std::size_t array = 0; array < moments.size(); ++array) {
    const std::vector<T>& moment = moments[array];
    if (moment.empty()) continue;
    const std::string shown = name + (array % 2 == 0 ? "W" : "b");
    visitor.vector(layer_name(shown.c_str(), array / 2 + 1),
                   arma::Col<T>(const_cast<T*>(moment.data()), moment.size(), false, true));
  }
}

/// What a method of this kind costs; `update`: entries of moments and gradient that an update reads and writes per parameter,
/// `moments`: those it keeps.
MethodCost first_order_cost(const CostShape& shape, const CostOptions& options, double update,
                            double moments);

}  // namespace admmbench
