#pragma once
/// Block coordinate descent: Zeng, Lau, Lin, Yao: Global Convergence of Block Coordinate Descent in Deep Learning,
/// ICML 2019, arXiv 1803.00225. Three splittings, as in the released code (github.com/timlautk/BCD-for-DNNs-PyTorch, 1b9023e), or two
/// (solvers/bcd/two_splitting.hpp). U_l = z_l, V_l = a_l;
/// the output is split, too: V_L, which the loss sees, and U_L.
///
///   F = R(V_L) + (gamma/2)||V_L - U_L||^2 + sum_l (rho/2)||U_l - W_l V_{l-1} - b_l||^2 + sum_{l<L} (gamma/2)||V_l - f(U_l)||^2
///
/// One iteration is one sweep over the blocks from the output down, each an exact minimisation with a proximal term (alpha/2) in V_L,
/// U_l (l < L), W_l and b_l. F never rises.

#include <memory>

#include "core/blocks/layer_variables.hpp"
#include "core/blocks/output_prox.hpp"
#include "core/compute/buffer.hpp"
#include "solvers/bcd/proximal_fit.hpp"
#include "solvers/bcd/two_splitting.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

struct BcdParameters {
  enum class Start { suite, released };
  enum class Splitting { three, two };

  double gamma = 1;
  double rho = 1;
  double alpha = 5;
  Splitting splitting = Splitting::three;
  long halvings = 8;
  Start start = Start::suite;
  InitialWeights weights = InitialWeights::gaussian;
  OutputProx zL;

  void visit(ParameterVisitor& v);
};

template <class T>
class Bcd final : public Solver<T> {
 public:
  explicit Bcd(const BcdParameters& parameters) : p_(parameters) {}

  Network<T> initial_network(const Problem<T>& given, std::uint64_t seed) const override;
  void step() override;
  const Network<T>& network() const override { return two_ ? two_->network() : s_.network; }
  /// objective: F with all terms. residual: sum_l ||U_l - W_l V_{l-1} - b_l||^2, with two splittings sum_l ||V_l - f_l(T_l)||^2. Column loss_terms: R(V_L) and the linear terms
  /// alone, which the released notebooks print as their loss; with three splittings.
  bool shares_samples() const override { return true; }
  Diagnostics diagnostics() const override;
  void visit_state(StateVisitor<T>& visitor) const override {
    two_ ? two_->visit_state(visitor) : visit_layers(s_, visitor);
  }
  void archive(StateArchive& archive) override { two_ ? two_->archive(archive) : archive(s_); }

 protected:
  using Solver<T>::problem;

  void start(Network<T> initial, std::uint64_t seed) override;

 private:
  arma::uword L() const { return problem().layers(); }
  const arma::Mat<T>& V(arma::uword l) const { return layer_input(problem(), s_.a, l + 1); }  ///< V_0 = x

  void update_V_L();
  void update_U_L();
  void update_W(arma::uword l);
  void update_b(arma::uword l);
  void update_V(arma::uword l);
  void update_U(arma::uword l);

  BcdParameters p_;
  std::unique_ptr<TwoSplitting<T>> two_;  ///< null: three splittings, whose state follows
  LayerVariables<T> s_;  ///< z_l = U_l, a_l = V_l with a_L = V_L, and the products W_l V_{l-1}
  PerLayer<ProximalFit<T>> fit_;
  PerLayer<arma::Mat<T>> gram_;  ///< n_l x n_l of the V_l-steps, l < L
  PerLayer<arma::Col<T>> sums_;  ///< of V_{l-1} over the samples
  std::vector<double> rows_;     ///< one entry per neuron of the widest layer
  Buffer<T> E_;                  ///< the largest layer's residual
  Buffer<T> hidden_;             ///< f(U_l), and the centre of the U-steps
  OutputProxWorkspace<T> prox_;
  SampleSum sum_;
};

}  // namespace admmbench
