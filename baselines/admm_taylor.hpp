#pragma once
/// ADMM with exact (cubic-cost) block solves: Taylor, Burmeister, Xu, Singh, Patel, Goldstein: Training
/// Neural Networks Without Gradients: A Scalable ADMM Approach, ICML 2016, Algorithm 1 (as reprinted by a
/// replication, github.com/GrumpyZhou/IDP). No biases.
///
///   l(z_L) + <z_L, lambda> + beta ||z_L - W_L a_{L-1}||^2
///          + sum_{l<L} [gamma ||a_l - f(z_l)||^2 + beta ||z_l - W_l a_{l-1}||^2]
///
/// The penalties carry no factor 1/2, as in the paper and unlike the other methods of this suite. The
/// multiplier enters on z_L only (Bregman), which the replication blames for the method's plateau; the
/// growing-penalty variant that it found to work (`preset: growing`) leaves it out.

#include "baselines/least_squares.hpp"
#include "core/blocks/layer_variables.hpp"
#include "core/blocks/output_prox.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

struct AdmmTaylorParameters {
  double beta = 1;    ///< ICML'16
  double gamma = 10;  ///< ICML'16
  bool multiplier = true;
  long warm_up = 10;  ///< iterations before lambda moves
  double growth = 1;  ///< of beta and gamma, per iteration
  double cap = 1e3;   ///< growth stops here
  OutputProx zL;

  void visit(ParameterVisitor& v);
};

template <class T>
class AdmmTaylor : public Solver<T> {
 public:
  explicit AdmmTaylor(const AdmmTaylorParameters& parameters) : parameters_(parameters) {}

  /// The initial point of docs/problem.md#initial-point without biases.
  Network<T> initial_network(const Problem<T>& given, std::uint64_t seed) const override;
  void step() override;
  const Network<T>& network() const override { return state_.network; }
  bool shares_samples() const override { return true; }
  Diagnostics diagnostics() const override;
  void visit_state(StateVisitor<T>& visitor) const override;
  void archive(StateArchive& archive) override {
    archive(state_);
    archive.columns(lambda_);
    archive(iteration_, parameters_.beta, parameters_.gamma);
  }

 protected:
  using Solver<T>::problem;

  /// Biases of `initial` are set to zero: the method has none.
  void start(Network<T> initial, std::uint64_t seed) override;

  // The block updates, in the order of the paper; l counts from 1.
  void update_W(arma::uword l);
  void update_a(arma::uword l);
  void update_z(arma::uword l);
  void update_z_L();
  void update_lambda();
  void update_penalties();

  arma::uword L() const { return problem().layers(); }
  const LayerVariables<T>& state() const { return state_; }
  const arma::Mat<T>& lambda() const { return lambda_; }

 private:
  const arma::Mat<T>& a(arma::uword l) const { return layer_input(problem(), state_.a, l + 1); }  ///< a_0 = x

  AdmmTaylorParameters parameters_;
  LayerVariables<T> state_;
  arma::Mat<T> lambda_;  ///< n_L x N
  long iteration_ = 0;

  PerLayer<PseudoInverse<T>> inverses_;  ///< of a_{l-1}; the one of x is computed once
  PerLayer<arma::Mat<T>> grams_;         ///< n_l x n_l for the a-steps
  PerLayer<arma::Mat<T>> hidden_;        ///< f(z_l), n_l x N
  arma::Mat<T> target_;                  ///< of the z_L-step, n_L x N
  OutputProxWorkspace<T> prox_;
  SampleSum sum_;
};

}  // namespace admmbench
