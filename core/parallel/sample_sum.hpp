#pragma once
/// Sums over the training samples of a run whose samples several processes share: each adds up its own columns, and SampleSum adds
/// these over the processes, with the same bits in all of them. Alone it does nothing: a default SampleSum costs one comparison.

#include <armadillo>
#include <array>
#include <concepts>
#include <span>

#include "core/parallel/communicator.hpp"

namespace admmbench {

class SampleSum {
 public:
  SampleSum() = default;
  /// Over those with the other samples of the same layers; `team` may be null, and outlives the object.
  explicit SampleSum(const ParallelRun* team)
      : samples_(team != nullptr && team->samples != nullptr && team->samples->size() > 1 ? team->samples
                                                                                          : nullptr) {}

  /// All samples are here.
  bool alone() const { return samples_ == nullptr; }
  /// True in one of the processes: for what must be counted once.
  bool leads() const { return alone() || samples_->leads(); }
  int rank() const { return alone() ? 0 : samples_->rank(); }
  int size() const { return alone() ? 1 : samples_->size(); }

  /// Of `total` samples those that are here.
  Shard own(std::size_t total) const {
    return alone() ? Shard{0, total} : shard_of(total, samples_->rank(), samples_->size());
  }

  /// Each of the values; in one message.
  template <std::same_as<double>... Values>
  void scalars(Values&... values) const {
    if (alone()) return;
    std::array<double, sizeof...(Values)> packed{values...};
    samples_->sum(std::span<double>(packed));
    std::size_t i = 0;
    ((values = packed[i++]), ...);
  }
  /// The sum of one value.
  double total(double value) const {
    scalars(value);
    return value;
  }

  /// Entry by entry, in one message.
  template <class T>
  void entries(T* values, std::size_t count) const {
    if (!alone()) samples_->sum(std::span<T>(values, count));
  }
  template <class T>
  void operator()(arma::Mat<T>& A) const {
    entries(A.memptr(), A.n_elem);
  }
  /// What process `rank` has, in all of them.
  template <class T>
  void from(int rank, T* values, std::size_t count) const {
    if (!alone()) samples_->broadcast(bytes_of(values, count), rank);
  }

 private:
  Communicator* samples_ = nullptr;
};

/// Throws std::invalid_argument if the samples of `team` are more processes than there are training samples (`total`).
void require_a_sample_each(const ParallelRun& team, std::size_t total);

}  // namespace admmbench
