#pragma once
/// The common problem interface: what every solver is given (docs/problem.md). Samples are columns.

#include <armadillo>
#include <memory>
#include <vector>

#include "core/problem/activation.hpp"
#include "core/problem/loss.hpp"

namespace admmbench {

/// One split of a data set. Classification: `labels` (0..C-1) and `targets` = one-hot Y (C x N).
/// Regression: `labels` is empty and `targets` = T (n_L x N).
template <class T>
struct Samples {
  arma::Mat<T> x;                 ///< n0 x N
  arma::Row<arma::uword> labels;  ///< N, or empty for regression
  arma::Mat<T> targets;           ///< n_L x N
  /// What `x` lies in where that is not its own memory: a mapped file, which is read as it is looked at.
  std::shared_ptr<const void> memory = nullptr;

  arma::uword size() const { return x.n_cols; }
  bool has_labels() const { return !labels.is_empty(); }
};

/// C x N one-hot matrix of `labels`.
template <class T>
arma::Mat<T> one_hot(const arma::Row<arma::uword>& labels, arma::uword classes);

template <class T>
struct Problem;

/// Gram matrices of the training inputs with every split: what W_1's steps and evaluations need of x when N <
/// n_0 (core/blocks/input_span.hpp).
template <class T>
struct InputGram {
  arma::Mat<T> train;       ///< x^T x, N x N
  arma::Mat<T> validation;  ///< x^T x_validation, N x N_validation; empty if there is no such split
  arma::Mat<T> test;        ///< x^T x_test, N x N_test; empty if there is no such split

  /// The matrix that belongs to `split` of `problem`, or nullptr if it is none of its splits.
  const arma::Mat<T>* find(const Problem<T>& problem, const Samples<T>& split) const;
};

/// A data set and a network shape. The splits are shared, read-only, between the runs of one data set.
template <class T>
struct Problem {
  std::shared_ptr<const Samples<T>> train;       ///< never null
  std::shared_ptr<const Samples<T>> validation;  ///< null if there is none
  std::shared_ptr<const Samples<T>> test;        ///< null if there is none
  std::shared_ptr<const InputGram<T>> gram;      ///< null: W_1 is held explicitly
  std::vector<arma::uword> widths;               ///< n_0, n_1, ..., n_L
  Activation activation = Activation::relu;
  Loss loss = Loss::cross_entropy;
  long iterations = 0;  ///< that the run is planned for, for schedules of step lengths; 0: not known
  /// Training samples of all processes where `train` is one's share of them (core/parallel/communicator.hpp); 0: it is all of them.
  arma::uword samples_of_all = 0;

  arma::uword layers() const { return widths.size() - 1; }  ///< L
  arma::uword samples() const { return train->size(); }     ///< N, or this process's share of them
  arma::uword total_samples() const { return samples_of_all == 0 ? samples() : samples_of_all; }  ///< N
  const arma::Mat<T>& x() const { return train->x; }                                              ///< n0 x N
  const arma::Mat<T>& targets() const { return train->targets; }                                  ///< n_L x N
};

/// The Gram matrices of the problem's splits if they pay (2 N <= n_0), else null.
template <class T>
std::shared_ptr<const InputGram<T>> input_gram(const Problem<T>& problem);

}  // namespace admmbench
