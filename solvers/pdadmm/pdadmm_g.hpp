#pragma once
/// pdADMM-G: pdADMM on graph-augmented input
/// (Wang, Li, Chai, Wang, Cheng, Zhao, TNNLS 2022, arXiv 2105.09837).
///
/// The iteration is pdADMM's. What makes it pdADMM-G is the input, [S^K H; ...; S H; H] of every node (the
/// experiment file's `graph:`), and the training schedule of the released code: stages of 2, 5 and 10 layers,
/// and a penalty rho = nu that grows while the training cost stagnates. Both are options here, and off by default.

#include "solvers/pdadmm/pdadmm.hpp"

namespace admmbench {

/// The released code's undocumented continuation (docs/methods/pdadmm.md#paper-against-code): after the first `after`
/// iterations of a stage, whenever the training cost (mean loss of the forward pass) has failed to drop by `drop` in two
/// successive iterations, rho = nu <- min(factor rho, cap), where that is more. u is not rescaled, so neither L_rho nor
/// Lemma 4 carries over a jump. drop, after and cap are one value, or one per stage.
struct RhoContinuation {
  enum class Kind { constant, released };
  Kind kind = Kind::constant;
  double factor = 10;
  std::vector<double> drop = {1e-3};
  std::vector<long> after = {3};
  std::vector<double> cap = {1};

  /// `stages`: how many there are.
  void visit(ParameterVisitor& v, std::size_t stages);
};

struct PdadmmGParameters : PdadmmParameters {
  RhoContinuation continuation;

  void visit(ParameterVisitor& v);
};

template <class T>
class PdadmmG : public Pdadmm<T> {
 public:
  explicit PdadmmG(const PdadmmGParameters& parameters)
      : Pdadmm<T>(parameters), continuation_(parameters.continuation) {}

  Diagnostics diagnostics() const override;
  void archive(StateArchive& archive) override {
    Pdadmm<T>::archive(archive);
    this->exchange_.archive_same(archive, cost_before_, cost_before_that_);
  }

 protected:
  /// Throws std::invalid_argument if the stages, or lists with a value for each, do not fit the problem or each other.
  void start(Network<T> initial, std::uint64_t seed) override;
  void after_iteration() override;
  /// The activations on which the group above goes on with the forward pass.
  std::size_t further_bytes(std::size_t entries) const override {
    return continuation_.kind == RhoContinuation::Kind::constant ? 0 : entries * sizeof(T);
  }

 private:
  double training_cost();

  RhoContinuation continuation_;
  Buffer<T> layer_;  ///< activations of the forward pass
  Buffer<T> next_;
  double cost_before_ = 0;       ///< training cost one iteration ago
  double cost_before_that_ = 0;  ///< and two
};

/// Sets the released code's schedule with its table of (rho, mu) per stage for a data set, e.g. "cora"; used
/// by the presets of pdadmm_g and pdadmm_gq.
void apply_released_schedule(PdadmmGParameters& p, std::vector<double> stage_rho,
                             std::vector<double> stage_mu);

}  // namespace admmbench
