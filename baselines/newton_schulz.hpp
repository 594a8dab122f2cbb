#pragma once
/// Approximate orthogonalisation of a matrix, as Muon does it (github.com/KellerJordan/Muon, zeropower_via_newtonschulz5):
///   X <- U/(||U||_F + 1e-7), transposed if rows > columns;  five times  A = X X^T,  X <- a X + (b A + c A^2) X
/// with a, b, c = 3.4445, -4.7750, 2.0315, so that the singular values of the result lie in about [0.7, 1.2]. The original computes
/// in bfloat16, here it is the precision of the run.

#include <armadillo>

#include "core/compute/buffer.hpp"
#include "core/compute/cost.hpp"

namespace admmbench {

inline constexpr int newton_schulz_steps = 5;

template <class T>
class NewtonSchulz {
 public:
  /// Room for matrices of up to rows x columns; calls add up to the largest.
  void reserve(arma::uword rows, arma::uword columns);

  /// U (rows x columns) <- its orthogonalisation.
  void operator()(arma::Mat<T>& U);

 private:
  Buffer<T> X_, next_;  ///< the wide form of U, and the iterate after it
  Buffer<T> A_, B_;     ///< square of the smaller side
};

/// What one call costs for a rows x columns matrix, per call.
IterationCost newton_schulz_cost(double rows, double columns);
/// Entries of its scratch.
double newton_schulz_entries(double largest_matrix, double largest_side);

}  // namespace admmbench
