#pragma once
/// Eigenbases of symmetric matrices and orthonormal bases (LAPACK), in place, without allocation after reserve(), and counted.

#include <armadillo>
#include <vector>

namespace admmbench {

template <class T>
class SymmetricEigen {
 public:
  /// Room for matrices of up to n x n.
  void reserve(arma::uword n);

  /// A <- its eigenvectors in columns, values <- its eigenvalues (n), ascending. A is symmetric; its lower triangle is read. False,
  /// and A filled with NaN, if A is not finite.
  bool operator()(arma::Mat<T>& A, arma::Col<T>& values);

 private:
  arma::Col<T> work_;
  std::vector<arma::blas_int> integer_work_;
};

/// Nominal operations of the eigenvectors of an n x n matrix.
constexpr double eigen_flops(double n) { return 9 * n * n * n; }

template <class T>
class Orthonormalizer {
 public:
  void reserve(arma::uword n);
  /// A (n x n) <- Q of its QR factorisation by Householder reflections.
  void operator()(arma::Mat<T>& A);

 private:
  arma::Col<T> tau_;
  arma::Col<T> work_;
};

/// Nominal operations of the Q of an n x n matrix.
double orthonormal_flops(double n);

}  // namespace admmbench
