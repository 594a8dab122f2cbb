#pragma once
/// Extrapolation of the weights between passes over the training set, for mini-batch methods (docs/methods/gram_tp.md). One pass
/// is a map x -> G(x) of all weights, noisy because of the batches:
///   momentum   candidate G_k + momentum (G_k - G_{k-1})
///   anderson   candidate of type II over the last `memory` passes (solvers/anderson.hpp)
/// The method says whether a candidate is better than G_k; a refused one is undone.

#include <armadillo>
#include <vector>

#include "core/parameters.hpp"
#include "solvers/anderson.hpp"

namespace admmbench {

struct PassAccelerationOptions {
  enum class Rule { none, momentum, anderson };
  Rule rule = Rule::none;
  double momentum = 0.3;
  long memory = 3;

  void visit(ParameterVisitor& v);
};

template <class T>
class PassAcceleration {
 public:
  /// Sizes everything for weights of the shapes of `W`; apply() allocates nothing.
  void initialize(const PassAccelerationOptions& options, const std::vector<arma::Mat<T>>& W);

  bool on() const { return options_.rule != PassAccelerationOptions::Rule::none; }

  /// Before a pass: W is x_k.
  void begin(const std::vector<arma::Mat<T>>& W);
  /// After it W is G(x_k). True if W then holds a candidate, about which settle() must be called.
  bool propose(std::vector<arma::Mat<T>>& W);
  /// Keeps the candidate, or puts G(x_k) back into W.
  void settle(bool accept, std::vector<arma::Mat<T>>& W);
  /// Forgets the passes so far.
  void reset();

 private:
  PassAccelerationOptions options_;
  Anderson<T> anderson_;
  std::vector<T> x_;         ///< before the pass
  std::vector<T> g_;         ///< after it
  std::vector<T> previous_;  ///< momentum: after the pass before
  std::vector<T> candidate_;
  long passes_ = 0;  ///< since reset()
};

}  // namespace admmbench
