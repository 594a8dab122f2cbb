#pragma once
/// Small problems for tests: gaussian clusters for classification, a smooth map for regression.

#include <vector>

#include "core/compute/rng.hpp"
#include "core/problem/problem.hpp"

namespace admmbench::testing {

template <class T>
Problem<T> small_problem(std::vector<arma::uword> widths, arma::uword samples, Loss loss,
                         Activation activation = Activation::relu, std::uint64_t seed = 1) {
  Rng rng(seed, 99);
  auto train = std::make_shared<Samples<T>>();
  train->x.set_size(widths.front(), samples);
  fill_normal(rng, 1.0, train->x);
  if (loss == Loss::cross_entropy) {
    train->labels.set_size(samples);
    for (arma::uword n = 0; n < samples; ++n) {
      train->labels[n] = n % widths.back();
      train->x(train->labels[n] % widths.front(), n) += T(2);
    }
    train->targets = one_hot<T>(train->labels, widths.back());
  } else {
    train->targets.set_size(widths.back(), samples);
    for (arma::uword n = 0; n < samples; ++n) {
      for (arma::uword j = 0; j < widths.back(); ++j) {
        train->targets(j, n) =
            std::sin(train->x(j % widths.front(), n)) + T(0.1) * static_cast<T>(rng.normal());
      }
    }
  }
  Problem<T> problem;
  problem.train = std::move(train);
  problem.widths = std::move(widths);
  problem.activation = activation;
  problem.loss = loss;
  return problem;
}

}  // namespace admmbench::testing
