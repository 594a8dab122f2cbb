#pragma once
/// Passes over the training set in mini-batches: a new order for every pass, drawn from the run's seed; the last batch of a
/// pass may be smaller, no sample is left out. Methods with the same seed and batch size see the same batches. Where several processes
/// share the samples the batches are the same, too, and each has those of their samples that are its own: there may be none.

#include <algorithm>
#include <armadillo>
#include <optional>
#include <vector>

#include "core/compute/rng.hpp"
#include "core/parallel/sample_sum.hpp"
#include "core/problem/problem.hpp"

namespace admmbench {

template <class T>
class Batches {
 public:
  /// `batch_size` samples at a time; empty, or not less than N: the whole set, in place and in its own order.
  void initialize(const Problem<T>& problem, std::optional<long> batch_size, std::uint64_t seed,
                  const SampleSum& sum = {});

  arma::uword size() const { return size_; }                            ///< samples of a batch but the last
  arma::uword count() const { return (samples_ + size_ - 1) / size_; }  ///< batches of a pass
  bool whole() const { return order_.empty(); }  ///< whether one batch holds everything

  /// Draws the order of the next pass.
  void shuffle();
  /// Samples of batch k = 0..count()-1 of this pass.
  arma::uword columns_of_all(arma::uword k) const { return std::min(size_, samples_ - k * size_); }
  /// Those of them that are here.
  arma::uword columns(arma::uword k) const {
    if (whole()) return own_.end - own_.begin;
    return alone_ ? columns_of_all(k) : starts_[k + 1] - starts_[k];
  }
  /// columns() is never larger.
  arma::uword most_columns() const { return std::min<arma::uword>(size_, own_.end - own_.begin); }
  /// Position of the first sample of batch k among those here, in the order of the pass.
  arma::uword first(arma::uword k) const { return alone_ || whole() ? k * size_ : starts_[k]; }
  /// The sample at `position` of this pass, counted among those here.
  arma::uword sample(arma::uword position) const {
    if (whole()) return position;
    return alone_ ? order_[position] : here_[position];
  }

  template <class Archive>
  void archive(Archive& a) {
    a(*rng_, order_);
  }

 private:
  arma::uword samples_ = 0;
  arma::uword size_ = 1;
  std::optional<Rng> rng_;
  std::vector<arma::uword> order_;
  bool alone_ = true;
  Shard own_;
  std::vector<arma::uword>
      here_;  ///< not alone: the own samples in the order of the pass, counted from own_.begin
  std::vector<arma::uword> starts_;  ///< and where the batches begin among them; their number at the end
};

/// The first rows of `out` <- the columns of `from` that batch k consists of. `out` has columns(k) columns and at least as
/// many rows as `from`; further rows are left as they are.
template <class T>
void gather(const Batches<T>& batches, arma::uword k, const arma::Mat<T>& from, arma::Mat<T>& out);

}  // namespace admmbench
