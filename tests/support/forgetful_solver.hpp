#pragma once
/// A method that does not show all of its state: gradient-like steps with a velocity that no checkpoint sees. The control of what is
/// said about checkpoints.

#include <utility>

#include "solvers/solver.hpp"

namespace admmbench::testing {

struct NoParameters {
  void visit(ParameterVisitor&) {}
};

template <class T>
class Forgetful final : public Solver<T> {
 public:
  explicit Forgetful(const NoParameters&) {}
  void step() override {
    velocity_ = T(0.5) * velocity_ + T(0.1) * network_.W[0];
    network_.W[0] -= velocity_;
  }
  const Network<T>& network() const override { return network_; }

 protected:
  void start(Network<T> initial, std::uint64_t) override {
    network_ = std::move(initial);
    velocity_.zeros(arma::size(network_.W[0]));
  }

 private:
  Network<T> network_;
  arma::Mat<T> velocity_;
};

}  // namespace admmbench::testing
