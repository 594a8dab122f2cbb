#include "core/problem/batches.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

template <class T>
void Batches<T>::initialize(const Problem<T>& problem, std::optional<long> batch_size, std::uint64_t seed,
                            const SampleSum& sum) {
  samples_ = problem.total_samples();
  alone_ = sum.alone();
  own_ = sum.own(samples_);
  size_ = batch_size ? std::min<arma::uword>(arma::uword(*batch_size), samples_) : samples_;
  // A stream of its own, so that the order of the batches does not depend on the shape of the network.
  constexpr std::uint64_t batch_stream = 0x6261746368;
  rng_.emplace(seed, batch_stream);
  order_.clear();
  if (size_ == samples_) return;
  order_.resize(samples_);
  std::iota(order_.begin(), order_.end(), arma::uword(0));
  if (alone_) return;
  here_.reserve(own_.end - own_.begin);
  starts_.reserve(count() + 1);
}

template <class T>
void Batches<T>::shuffle() {
  if (whole()) return;
  admmbench::shuffle(*rng_, order_);
  if (alone_) return;
  here_.clear();
  starts_.clear();
  starts_.push_back(0);
  for (arma::uword position = 0; position < samples_; ++position) {
    const arma::uword sample = order_[position];
    if (sample >= own_.begin && sample < own_.end) here_.push_back(sample - own_.begin);
    if ((position + 1) % size_ == 0 || position + 1 == samples_) starts_.push_back(here_.size());
  }
}

template <class T>
void gather(const Batches<T>& batches, arma::uword k, const arma::Mat<T>& from, arma::Mat<T>& out) {
  if (out.n_cols != batches.columns(k) || out.n_rows < from.n_rows) {
    throw std::logic_error("gather: shapes do not fit");
  }
  for_panels(Pass(2 * sizeof(T), from.n_rows, out.n_cols), [&](std::size_t begin, std::size_t end) {
    for (std::size_t n = begin; n < end; ++n) {
      std::copy_n(from.colptr(batches.sample(batches.first(k) + n)), from.n_rows, out.colptr(n));
    }
  });
}

#define ADMMBENCH_INSTANTIATE(T) \
  template class Batches<T>;     \
  template void gather(const Batches<T>&, arma::uword, const arma::Mat<T>&, arma::Mat<T>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
