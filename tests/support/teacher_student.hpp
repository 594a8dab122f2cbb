#pragma once
/// The regression problem on which docs/methods/aa_dladmm.md compares settings: a random network's outputs on gaussian
/// inputs, squared loss, 8-10-10-2, 80 samples.

#include <cmath>

#include "core/compute/rng.hpp"
#include "core/problem/network.hpp"

namespace admmbench::testing {

template <class T>
Problem<T> teacher_student(std::uint64_t seed) {
  Problem<T> problem;
  problem.widths = {8, 10, 10, 2};
  problem.loss = Loss::squared;
  Rng rng(seed, 7);
  Network<T> teacher;
  for (std::size_t l = 1; l < problem.widths.size(); ++l) {
    arma::Mat<T> W(problem.widths[l], problem.widths[l - 1]);
    arma::Mat<T> b(problem.widths[l], 1);
    fill_normal(rng, std::sqrt(2.0 / static_cast<double>(problem.widths[l - 1])), W);
    fill_normal(rng, 0.1, b);
    teacher.W.push_back(W);
    teacher.b.emplace_back(b);
  }
  auto train = std::make_shared<Samples<T>>();
  train->x.set_size(8, 80);
  fill_normal(rng, 1.0, train->x);
  ForwardWorkspace<T> workspace;
  forward(teacher, problem.activation, train->x, workspace, train->targets);
  problem.train = std::move(train);
  return problem;
}

}  // namespace admmbench::testing
