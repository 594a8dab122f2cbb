#pragma once
/// Staged (greedy) training: the first few layers are trained, then layers are added until all are in (pdADMM
/// section 5.1, "five hidden layers first, then all"; pdADMM-G section V, 2 -> 5 -> 10 layers;
/// docs/methods/pdadmm.md#stages-continuation-quantisation).
///
/// A stage of d layers is the prefix n_0, ..., n_{d-1} of the experiment's widths followed by the output
/// width n_L. At a hand-over the output layer is discarded, the layers before it are kept, added hidden
/// layers start as the (rectangular) identity with b = 0, and the new output layer is N(0, 0.1^2), or the
/// rectangular identity at the last hand-over.

#include <string>
#include <vector>

#include "core/parameters.hpp"
#include "core/problem/network.hpp"

namespace admmbench {

/// When to grow, and the penalties of each stage. Lists with one entry hold for all stages.
struct StagePlan {
  std::vector<double> layers;  ///< layer counts, increasing, the last one the experiment's; empty: not staged
  std::vector<double> iterations{200};  ///< iterations of a stage; the last one goes on as long as the run
  std::vector<double> rho;              ///< rho = nu at the start of a stage; empty: the method's own rho, nu
  std::vector<double> mu;               ///< mu of a stage; empty: the method's own

  void visit(ParameterVisitor& v);

  std::size_t count() const { return layers.empty() ? 1 : layers.size(); }
  bool last(std::size_t stage) const { return stage + 1 == count(); }
  arma::uword depth(std::size_t stage, arma::uword full_depth) const;
  long length(std::size_t stage) const;
  /// The entry of `list` for `stage`, or `otherwise` if the list is empty.
  double value(const std::vector<double>& list, std::size_t stage, double otherwise) const;

  /// Throws std::invalid_argument if the lists do not fit each other or a net of `full_depth` layers.
  void check(arma::uword full_depth) const;
  /// Throws std::invalid_argument unless the list called `name` has one entry, or one per stage.
  void check_length(const std::string& name, std::size_t entries) const;
};

/// The entry of a list of one entry, or one per stage, for `stage`.
template <class T>
T entry_of_stage(const std::vector<T>& list, std::size_t stage) {
  return list.size() == 1 ? list.front() : list[stage];
}

/// Widths of a stage of `depth` layers.
std::vector<arma::uword> stage_widths(const std::vector<arma::uword>& widths, arma::uword depth);

/// The net of the first stage: the first depth - 1 layers of `full` and its output layer; where the output
/// layer's shape does not fit, one is drawn.
template <class T>
Network<T> first_stage(const Network<T>& full, const std::vector<arma::uword>& widths, arma::uword depth,
                       std::uint64_t seed, Start start);

/// `trained` grown to `depth` layers. `stage` counts from 0 and names the random stream of the output layer,
/// unless `identity_output`.
template <class T>
Network<T> grow(Network<T> trained, const std::vector<arma::uword>& widths, arma::uword depth,
                std::size_t stage, bool identity_output, std::uint64_t seed, Start start);

}  // namespace admmbench
