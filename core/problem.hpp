#pragma once
/// The common problem interface: what every solver is given (contract section 1). Samples are columns.

#include <armadillo>
#include <memory>
#include <vector>

#include "core/activation.hpp"
#include "core/loss.hpp"

namespace admmbench {

/// One split of a data set. Classification: `labels` (0..C-1) and `targets` = one-hot Y (C x N).
/// Regression: `labels` is empty and `targets` = T (n_L x N).
template <class T>
struct Samples {
  arma::Mat<T> x;                 ///< n0 x N
  arma::Row<arma::uword> labels;  ///< N, or empty for regression
  arma::Mat<T> targets;           ///< n_L x N

  arma::uword size() const { return x.n_cols; }
  bool has_labels() const { return !labels.is_empty(); }
};

/// C x N one-hot matrix of `labels`.
template <class T>
arma::Mat<T> one_hot(const arma::Row<arma::uword>& labels, arma::uword classes);

/// A data set and a network shape. The splits are shared, read-only, between the runs of one data set.
template <class T>
struct Problem {
  std::shared_ptr<const Samples<T>> train;       ///< never null
  std::shared_ptr<const Samples<T>> validation;  ///< null if there is none
  std::shared_ptr<const Samples<T>> test;        ///< null if there is none
  std::vector<arma::uword> widths;               ///< n_0, n_1, ..., n_L
  Activation activation = Activation::relu;
  Loss loss = Loss::cross_entropy;

  arma::uword layers() const { return widths.size() - 1; }        ///< L
  arma::uword samples() const { return train->size(); }           ///< N
  const arma::Mat<T>& x() const { return train->x; }              ///< n0 x N
  const arma::Mat<T>& targets() const { return train->targets; }  ///< n_L x N
};

}  // namespace admmbench
