#pragma once
/// The b-step, an exact minimisation: b <- b - mean over columns of the residual. The papers' step
/// with constant nu or rho overshoots N-fold (docs/problem.md#biases).
///
/// Where processes share the samples, the columns are this one's and the mean is over those of all: one sum of n_l doubles.

#include <armadillo>
#include <vector>

#include "core/parallel/sample_sum.hpp"

namespace admmbench {

/// Of bias steps whose samples several processes share.
struct SharedBias {
  SampleSum sum;
  arma::uword samples = 0;    ///< of all
  std::vector<double> total;  ///< n_l of the widest layer

  void reserve(const std::vector<arma::uword>& widths, arma::uword samples_of_all, const SampleSum& over);
};

/// b <- b - mean_n(WA + b 1^T - z), n_l entries. Column sums are accumulated in double. `shared`: null is alone, too.
template <class T>
void bias_step(const arma::Mat<T>& WA, const arma::Mat<T>& z, arma::Col<T>& b, SharedBias* shared = nullptr);

/// b <- b - mean_n(WA + b 1^T - z - shift * u): the output layer of dladmm, shift = 1/rho.
template <class T>
void bias_step(const arma::Mat<T>& WA, const arma::Mat<T>& z, T shift, const arma::Mat<T>& u, arma::Col<T>& b,
               SharedBias* shared = nullptr);

}  // namespace admmbench
