#pragma once
/// Thin, allocation-free layer over BLAS: products into buffers that exist already, and the few fused
/// reductions that the block updates share. Every big product of the suite goes through gemm().

#include <armadillo>
#include <vector>

#include "core/parallel/sample_sum.hpp"

namespace admmbench {

enum class Op { none, transpose };

/// C <- alpha op(A) op(B) + beta C. `C` must have the shape of the product and share no memory with A or B.
template <class T>
void gemm(Op op_a, Op op_b, T alpha, const arma::Mat<T>& A, const arma::Mat<T>& B, T beta, arma::Mat<T>& C);

/// ||A||_F^2, summed in double for either T: float32 squares of small gradients would underflow.
template <class T>
double norm2(const arma::Mat<T>& A);

/// <A, B> = sum of A_ij B_ij, summed like norm2().
template <class T>
double inner(const arma::Mat<T>& A, const arma::Mat<T>& B);

/// Y <- Y + alpha X.
template <class T>
void axpy(T alpha, const arma::Mat<T>& X, arma::Mat<T>& Y);

/// A <- A + v 1^T: adds `v` to every column.
template <class T>
void add_column(arma::Mat<T>& A, const arma::Col<T>& v);

/// sums <- A 1: the sum of the columns, in their order, in T.
template <class T>
void row_sums(const arma::Mat<T>& A, arma::Col<T>& sums);

/// True if all entries are finite.
template <class T>
bool all_finite(const arma::Mat<T>& A);

/// What spectral_norm2() keeps between calls: the Ritz vector to start from, and its work space (sized once).
template <class T>
struct SpectralState {
  arma::Col<T> ritz;
  arma::Mat<T> basis;  ///< Lanczos vectors, n x at most 80
  arma::Col<T> w, half;
  std::vector<double> alpha, beta;                         ///< the tridiagonal matrix
  std::vector<double> values, offdiagonal, vectors, work;  ///< its eigenvalue problem (LAPACK stev)

  /// Takes the memory for matrices of this shape, and forgets the Ritz vector if it was another's; nothing if it has it.
  /// spectral_norm2() does it at need, which is too late where a step must not allocate. `sum`: as there.
  void reserve(arma::uword rows, arma::uword columns, const SampleSum& sum = {});

  template <class Archive>
  void archive(Archive& a) {  // the rest is work space
    a(ritz);
  }
};

/// lambda_max(A A^T) = ||A||_2^2 by Lanczos with full reorthogonalisation on the smaller side, started from the last
/// call's Ritz vector plus a fixed perturbation, so that it cannot stay in an invariant subspace that has ceased to hold
/// the largest eigenvalue. Stops when the residual bound certifies the relative accuracy of docs/problem.md#step-rules: 1e-10 in
/// float64; 1e-5 in float32, and then rounds up by as much. Allocates only when the size of A changes.
///
/// Where `sum` is not alone, A are the columns that this process has of a matrix: the iteration is then on the side of the rows, with a
/// sum of one vector a step, and takes the same course in all processes.
template <class T>
double spectral_norm2(const arma::Mat<T>& A, SpectralState<T>& state, const SampleSum& sum = {});

}  // namespace admmbench
