#pragma once
/// The z_L-step: argmin_z R(z) + (c/2)||z - m||_F^2 (docs/problem.md#output-block).
///
/// Squared loss: z = (T + c m)/(1 + c).
/// Cross entropy: the problem separates over columns; per column Newton's method with H = diag(p + c) - p p^T, inverted
/// by Sherman-Morrison in O(C), until the gradient's max-norm is at most 1e-10 (float64) or 1e-5 (float32), scaled by
/// max(1, c). `fista` is the papers' inner solver (docs/methods/dladmm.md#paper-against-code), run on all columns
/// together and stopped on the change of the summed
/// objective; where processes share the samples, that is a sum in each of its iterations.

#include <armadillo>
#include <array>
#include <vector>

#include "core/parallel/sample_sum.hpp"
#include "core/parameters.hpp"
#include "core/problem/loss.hpp"

namespace admmbench {

struct OutputProx {
  enum class Method { newton, fista };
  Method method = Method::newton;
  long max_iter = 500;  ///< fista: released codes 500 (dlADMM, pdADMM, mDLAM), 50 (pdADMM-G)
  double tol = 1e-3;    ///< fista: |change of the summed objective|; released codes 1e-3 (mDLAM 1e-4)
  double eta = 4;  ///< fista: step on the smooth part; 1/eta is assumed to bound its curvature (it is <= 1/2)

  void visit(ParameterVisitor& v);
};

/// Scratch of fista(); newton needs none beyond the stack.
template <class T>
struct OutputProxWorkspace {
  arma::Mat<T> zeta;
  arma::Mat<T> gradient;
  std::vector<std::array<double, 8>> column;  ///< newton: 5 C values of 8 columns per panel
  SampleSum sum;                              ///< of fista's objective

  void reserve(arma::uword outputs, arma::uword samples, const OutputProx& method);
};

/// z (n_L x N): the warm start on entry, the minimiser on return. `m` and `targets` have the same shape; c > 0.
template <class T>
void output_prox(const OutputProx& method, Loss loss, const arma::Mat<T>& targets, double c,
                 const arma::Mat<T>& m, arma::Mat<T>& z, OutputProxWorkspace<T>& workspace);

}  // namespace admmbench
