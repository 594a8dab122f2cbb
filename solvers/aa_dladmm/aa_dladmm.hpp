#pragma once
/// AA-DLADMM: Anderson acceleration of a method seen as a fixed-point map (Ebrahimi, Batista, Deghat, arXiv
/// 2401.03619). A reconstruction: the paper's text was not available. What is known of it points to mDLAM's problem
/// (docs/methods/aa_dladmm.md#paper-against-code), hence `base: dlam` by default; the acceleration and its safeguard
/// follow Zhang, Peng, Ouyang, Deng, ACM Trans. Graph. 38 (2019) (Anderson-accelerated ADMM), and solvers/anderson.hpp.
///
/// Symbol   Meaning
/// G        one iteration of the base method, step rule `lipschitz` by default: the other rules make G discontinuous
/// x        the variables: all of the base's (state) or W and b only (weights: z, a then follow by the base's own
///          updates). Blocks are scaled by 1/max(||block_0||, 0.1 sqrt(entries)), block_0 at the initial point: biases
///          and duals start at or near zero.
/// x_{k+1}  G_k - dG gamma, projected onto the base's constraints; or G_k
/// merit    objective, or the combined primal-dual residual ||r||^2 + ||s||^2
///
/// One iteration evaluates G once, whatever becomes of it:
///   merit objective   x_{k+1} is judged at once: accepted if its objective does not exceed that of x_k.
///   merit residual    only an evaluation of G tells the residual, so the accelerated point waits and the next
///                     iteration starts with it. If the residual there exceeds the last accepted one, that iteration
///                     has cost its evaluation in vain and the state is G_k again. The state shown is always G at an
///                     accepted point.
/// The default is the objective for every base. Zhang et al. judge by the residual for ADMM, but here neither the
/// combined residual nor ||f_k|| falls along their iterations, nor does a small one mean a good point: judged by it
/// acceleration stalls or leaves for worse points, while the augmented Lagrangian is what their theorems say descends
/// (figures: docs/methods/aa_dladmm.md).
/// A refusal empties the history; so does a change of the map (rho, nu or eps schedules).

#include <memory>

#include "solvers/anderson.hpp"
#include "solvers/fixed_point.hpp"

namespace admmbench {

struct Safeguard {
  enum class Merit { objective, residual };
  enum class Rule { monotone, summable };

  Merit merit = Merit::objective;
  Rule rule = Rule::monotone;

  void visit(ParameterVisitor& v);
};

struct AaDladmmParameters {
  enum class Base { dlam, dladmm, pdadmm };
  enum class Variables { state, weights };

  Base base = Base::dlam;
  Variables variables = Variables::state;
  AndersonOptions acceleration;
  Safeguard safeguard;

  void visit(ParameterVisitor& v);

  /// The base method with its parameters; made anew, with step rule lipschitz, whenever `base` has changed.
  ConfiguredSolver& base_params();

 private:
  std::shared_ptr<ConfiguredSolver> base_params_;
  Base base_of_params_ = Base::dlam;
};

template <class T>
class AaDladmm final : public Solver<T> {
 public:
  explicit AaDladmm(AaDladmmParameters parameters);

  Network<T> initial_network(const Problem<T>& problem, std::uint64_t seed) const override {
    return base_->initial_network(problem, seed);
  }
  void step() override;
  const Network<T>& network() const override { return base_->network(); }
  void outputs(const Problem<T>& problem, const Samples<T>& split, ForwardWorkspace<T>& workspace,
               arma::Mat<T>& out) const override {
    base_->outputs(problem, split, workspace, out);
  }
  bool shares_samples() const override { return base_->shares_samples(); }
  /// The base's, and aa_accepted, aa_rejected, aa_rejected_{nonfinite,rank,weight_cap,safeguard}.
  Diagnostics diagnostics() const override;
  void visit_state(StateVisitor<T>& visitor) const override { base_->visit_state(visitor); }
  void archive(StateArchive& archive) override;

 protected:
  void start(Network<T> initial, std::uint64_t seed) override;

 private:
  using Block = typename FixedPointSolver<T>::Block;

  bool accelerated(const Block& block) const {
    return variables_ == AaDladmmParameters::Variables::state || block.is_weight;
  }
  void size_buffers();
  void gather(std::vector<T>& scaled) const;
  void write_candidate();
  void keep_state();
  void restore_state();
  bool acceptable(double merit) const;
  void step_judged_by_objective();
  void step_judged_by_residual();
  bool map_changed();

  AaDladmmParameters::Variables variables_;
  AndersonOptions options_;
  Safeguard safeguard_;
  std::unique_ptr<FixedPointSolver<T>> base_;

  Anderson<T> anderson_;
  std::vector<Block> blocks_;
  std::vector<T> scale_;              ///< of each block
  std::vector<T> x_, g_, candidate_;  ///< accelerated blocks, scaled
  std::vector<T> kept_;               ///< all blocks, unscaled: what a refusal goes back to
  bool candidate_waits_ = false;      ///< merit residual: the next iteration starts from candidate_
  double reference_ = 0;              ///< merit of the last accepted point
  double first_merit_ = 0;
  long map_version_ = 0;
  arma::uword layers_ = 0;
};

}  // namespace admmbench
