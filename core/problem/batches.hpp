#pragma once
/// Passes over the training set in mini-batches: a new order for every pass, drawn from the run's seed; the last batch of a
/// pass may be smaller, no sample is left out. Methods with the same seed and batch size see the same batches.

#include <armadillo>
#include <optional>
#include <vector>

#include "core/compute/rng.hpp"
#include "core/problem/problem.hpp"

namespace admmbench {

template <class T>
class Batches {
 public:
  /// `batch_size` samples at a time; empty, or not less than N: the whole set, in place and in its own order.
  void initialize(const Problem<T>& problem, std::optional<long> batch_size, std::uint64_t seed);

  arma::uword size() const { return size_; }                            ///< samples of a batch but the last
  arma::uword count() const { return (samples_ + size_ - 1) / size_; }  ///< batches of a pass
  bool whole() const { return order_.empty(); }  ///< whether one batch holds everything

  /// Draws the order of the next pass.
  void shuffle();
  /// Samples of batch k = 0..count()-1 of this pass.
  arma::uword columns(arma::uword k) const;
  /// Position of its first sample in the order of the pass.
  arma::uword first(arma::uword k) const { return k * size_; }
  /// The sample at `position` of this pass.
  arma::uword sample(arma::uword position) const { return whole() ? position : order_[position]; }

  template <class Archive>
  void archive(Archive& a) {
    a(*rng_, order_);
  }

 private:
  arma::uword samples_ = 0;
  arma::uword size_ = 1;
  std::optional<Rng> rng_;
  std::vector<arma::uword> order_;
};

/// The first rows of `out` <- the columns of `from` that batch k consists of. `out` has columns(k) columns and at least as
/// many rows as `from`; further rows are left as they are.
template <class T>
void gather(const Batches<T>& batches, arma::uword k, const arma::Mat<T>& from, arma::Mat<T>& out);

}  // namespace admmbench
