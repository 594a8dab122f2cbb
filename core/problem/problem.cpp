#include "core/problem/problem.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "core/compute/linalg.hpp"

namespace admmbench {

template <class T>
arma::Mat<T> one_hot(const arma::Row<arma::uword>& labels, arma::uword classes) {
  arma::Mat<T> y(classes, labels.n_elem, arma::fill::zeros);
  for (arma::uword n = 0; n < labels.n_elem; ++n) {
    if (labels[n] >= classes) {
      throw std::invalid_argument(
          fmt::format("label {} of sample {} is not in 0..{}", labels[n], n, classes - 1));
    }
    y(labels[n], n) = T(1);
  }
  return y;
}

template <class T>
const arma::Mat<T>* InputGram<T>::find(const Problem<T>& problem, const Samples<T>& split) const {
  if (&split == problem.train.get()) return &train;
  if (&split == problem.validation.get()) return &validation;
  if (&split == problem.test.get()) return &test;
  return nullptr;
}

template <class T>
std::shared_ptr<const InputGram<T>> input_gram(const Problem<T>& problem) {
  const arma::Mat<T>& x = problem.x();
  if (2 * x.n_cols > x.n_rows) return nullptr;
  auto gram = std::make_shared<InputGram<T>>();
  const auto fill = [&](arma::Mat<T>& out, const std::shared_ptr<const Samples<T>>& split) {
    if (!split) return;
    out.set_size(x.n_cols, split->size());
    gemm(Op::transpose, Op::none, T(1), x, split->x, T(0), out);
  };
  fill(gram->train, problem.train);
  fill(gram->validation, problem.validation);
  fill(gram->test, problem.test);
  return gram;
}

template struct InputGram<float>;
template struct InputGram<double>;
template std::shared_ptr<const InputGram<float>> input_gram(const Problem<float>&);
template std::shared_ptr<const InputGram<double>> input_gram(const Problem<double>&);
template arma::Mat<float> one_hot(const arma::Row<arma::uword>&, arma::uword);
template arma::Mat<double> one_hot(const arma::Row<arma::uword>&, arma::uword);

}  // namespace admmbench
