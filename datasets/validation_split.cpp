#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/compute/rng.hpp"
#include "datasets/dataset.hpp"

namespace admmbench {
namespace {

/// Stream of the draw among those of a run's seed ("hold out" in ASCII): no array of the initial point uses it.
constexpr std::uint64_t validation_stream = 0x686f6c64206f7574;

template <class T>
std::shared_ptr<const Samples<T>> select(const Samples<T>& samples, const arma::uvec& chosen) {
  auto part = std::make_shared<Samples<T>>();
  part->x = samples.x.cols(chosen);
  if (samples.has_labels()) part->labels = samples.labels.cols(chosen);
  part->targets = samples.targets.cols(chosen);
  return part;
}

}  // namespace

template <class T>
Dataset<T> split_validation(const Dataset<T>& dataset, double fraction, std::uint64_t seed) {
  if (fraction == 0) return dataset;
  const arma::uword size = dataset.train->size();
  const auto held = static_cast<arma::uword>(std::llround(fraction * static_cast<double>(size)));
  if (!(fraction > 0 && fraction < 1) || held == 0 || held == size) {
    throw DataError(
        fmt::format("`validation: {}` of {} training samples leaves {} to train and {} to validate", fraction,
                    size, size - std::min(held, size), held));
  }
  arma::uvec order = arma::regspace<arma::uvec>(0, size - 1);
  Rng rng(seed, validation_stream);
  shuffle(rng, order);
  Dataset<T> result = dataset;
  result.validation = select(*dataset.train, arma::sort(order.head(held)));
  result.train = select(*dataset.train, arma::sort(order.tail(size - held)));
  return result;
}

template Dataset<float> split_validation(const Dataset<float>&, double, std::uint64_t);
template Dataset<double> split_validation(const Dataset<double>&, double, std::uint64_t);

}  // namespace admmbench
