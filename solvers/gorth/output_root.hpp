#pragma once
/// Whitening of a layer's outputs by the inverse root of the second moment of its steps (docs/methods/gorth.md):
///   C <- keep C + (1 - keep) A / mean diag A  (the first: C = A / mean diag A),   A n x n symmetric, positive semidefinite
///   R = (C + damping I)^{-1/2},   S = (C + damping I)^{1/2},   both I before the first refresh()
/// What is kept in coordinates of R, V = R M, goes into those of the next R' by V <- (R' S) V, which leaves M = S V as it is.
/// C, its eigenvectors and products of roots are float64 whatever T is: C's eigenvalues spread from 0 to n.

#include <armadillo>

#include "core/compute/buffer.hpp"
#include "core/compute/eigen.hpp"
#include "core/parallel/sample_sum.hpp"
#include "core/parameters.hpp"

namespace admmbench {

/// Parameters of the whitening.
struct OutputRootOptions {
  long every = 10;        ///< batches between second moments
  long refresh = 20;      ///< batches between roots
  double damping = 0.03;  ///< in units of the mean of diag(C)
  double keep = 0.9;      ///< forgetting factor of C

  void visit(ParameterVisitor& v);
};

/// Scratch that all layers share.
template <class T>
class RootWorkspace {
 public:
  /// Room for up to n x n.
  void reserve(arma::uword n);

  arma::mat vectors(arma::uword n) { return vectors_.view(n, n); }
  arma::mat scaled(arma::uword n) { return scaled_.view(n, n); }
  arma::mat inverse(arma::uword n) { return inverse_.view(n, n); }
  arma::mat direct(arma::uword n) { return direct_.view(n, n); }
  arma::vec values(arma::uword n) { return arma::vec(values_.memptr(), n, false, true); }
  SymmetricEigen<double>& eigen() { return eigen_; }
  /// n x n in T: A on the way in, R' S on the way out.
  arma::Mat<T> square(arma::uword n) { return square_.view(n, n); }

 private:
  Buffer<double> vectors_, scaled_, inverse_, direct_;
  arma::vec values_;
  SymmetricEigen<double> eigen_;
  Buffer<T> square_;
};

template <class T>
class OutputRoot {
 public:
  /// R = S = I for n outputs.
  void reserve(arma::uword n);
  /// The same for what has been reserved.
  void restart();

  /// Takes A, n x n, into C; nothing if its diagonal's mean is not positive and finite.
  void observe(const arma::Mat<T>& A, double keep);

  /// R and S of C, and change <- R' S. False, and nothing is done, if nothing has been observed or C has no root.
  bool refresh(double damping, RootWorkspace<T>& workspace, arma::Mat<T>& change);

  /// That of process `rank`, which alone has observed and refreshed.
  void take(const SampleSum& sum, int rank);

  const arma::mat& second_moment() const { return C_; }    ///< C
  const arma::Mat<T>& inverse_root() const { return R_; }  ///< R
  const arma::Mat<T>& root() const { return S_; }          ///< S

  template <class Archive>
  void archive(Archive& a) {
    a(C_, R_, S_, observed_);
  }

 private:
  arma::mat C_;
  arma::Mat<T> R_;
  arma::Mat<T> S_;
  bool observed_ = false;
};

}  // namespace admmbench
