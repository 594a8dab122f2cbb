/// Control: dladmm with every update of the layers l < L left out (docs/methods/dladmm.md#iteration), so that what
/// remains is the training of the output layer on the random features of the start. A method whose accuracy does not
/// exceed this control's has not shown that it trains depth (docs/methods/dladmm.md#paper-against-code).

#include "solvers/dladmm/cost.hpp"
#include "solvers/dladmm/dladmm.hpp"

namespace admmbench {

struct LastLayerParameters {
  double rho = 1e-6;
  double nu = 1e-6;
  double mu = 0;
  StepRule step;
  OutputProx zL;

  void visit(ParameterVisitor& v) {
    v.real("rho", rho, positive, "penalty of the output constraint z_L = W_L a_{L-1} + b_L");
    v.real("nu", nu, positive,
           "penalty of the hidden relations; enters nothing but the objective, as a constant");
    v.real("mu", mu, non_negative, "weight decay (mu/2)||W||^2");
    v.group("step", step, "step rule of the W_L-update");
    v.group("zL", zL, "solver of the z_L-update");
  }
};

template <class T>
class LastLayer final : public Dladmm<T> {
 public:
  explicit LastLayer(const LastLayerParameters& p)
      : Dladmm<T>({p.rho, p.nu, p.mu, p.step, p.zL, {}, {}, {}}) {}

  void step() override {
    const arma::uword L = this->L();
    this->update_z_L();
    this->update_b(L);
    this->update_W(L);
    this->update_W(L);
    this->update_b(L);
    this->update_z_L();
    this->update_u();
  }
};

namespace {

/// The output layer alone, twice.
IterationCost iteration(const CostShape& s, const CostOptions& o) {
  const std::size_t L = s.layers();
  const double mu = o.decay == CostOptions::Decay::none ? 0 : 1;
  return layer_products(s, L, 4) + entry_passes(42 * s.M(L) + (8 + 6 * mu) * s.w(L)) + newton_steps(s, 2);
}

MethodCost cost(const CostShape& s, const CostOptions& o) {
  const std::size_t L = s.layers();
  return {iteration(s, o), dladmm_memory(s, o), {2 * (s.w(L) + s.n(L)), 6}, {}};
}

const RegisterSolver<LastLayerParameters, LastLayer> registered(
    "last_layer", "control: dladmm with only its output layer trained, on random hidden features",
    "dladmm with the updates of layers l < L left out (docs/methods/dladmm.md)",
    {{"paper", "dladmm's preset paper: rho = nu = 1e-6, backtracking from 1 with growth 2",
      [](LastLayerParameters& p) {
        p.rho = p.nu = 1e-6;
        p.step = {StepRule::Kind::backtracking, 1, 2};
      }}},
    {cost});

}  // namespace

}  // namespace admmbench
