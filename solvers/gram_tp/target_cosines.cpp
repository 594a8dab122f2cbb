#include "solvers/gram_tp/target_cosines.hpp"

#include <algorithm>
#include <cmath>

#include "core/compute/linalg.hpp"
#include "core/problem/backprop.hpp"

namespace admmbench {

namespace {

/// Cosine of the angle between -g and D, [W b]-shaped.
template <class T>
double descent_cosine(const arma::Mat<T>& gW, const arma::Col<T>& gb, const arma::Mat<T>& D) {
  const arma::Mat<T> g = arma::join_rows(gW, gb);
  const double norms = std::sqrt(norm2(g) * norm2(D));
  return norms > 0 ? -inner(g, D) / norms : 0;
}

/// `target` in the metric of the inputs At.
template <class T>
arma::Mat<T> in_metric(const arma::Mat<T>& target, const arma::Mat<T>& At, double eps, const SampleSum& sum,
                       arma::uword samples) {
  GramPreconditioner<T> metric;
  metric.reserve(At.n_rows);
  metric.observe(At, 0, sum, samples);
  metric.invert(eps);
  arma::Mat<T> D(target.n_rows, target.n_cols);
  metric.apply_right(target, T(0), D);
  return D;
}

}  // namespace

template <class T>
TargetCosines target_cosines(const Problem<T>& problem, const TargetLayers<T>& layers, arma::uword size,
                             bool gradients) {
  const arma::uword L = problem.layers();
  const TargetLayerOptions& options = layers.options();
  const Network<T>& network = layers.network();
  const SampleSum& sum = layers.sum();
  const Shard own = sum.own(problem.total_samples());
  const arma::uword here = std::min<arma::uword>(own.end, size) - std::min<arma::uword>(own.begin, size);
  const auto first = [&](const arma::Mat<T>& A) {
    return arma::Mat<T>(const_cast<T*>(A.memptr()), A.n_rows, here, false, true);
  };
  const arma::Mat<T> labels = first(problem.targets());
  TargetPropagation<T> propagation;
  propagation.reserve(problem.widths, here, options.zL);
  propagation.share(sum);
  propagation.At(0).head_rows(problem.widths[0]) = first(problem.x());
  propagation.forward(layers.weights(), problem.activation);
  if (gradients) {
    propagation.output_gradient(problem.loss, labels);
  } else {
    propagation.output_target(options.zL, problem.loss, labels, options.c);
  }
  Network<T> gradient = network;
  Backprop<T> backprop;
  backprop.reserve(problem.widths, here);
  backprop(network, problem.activation, problem.loss, 0, first(problem.x()), labels, gradient, size);
  for (arma::uword l = 1; l <= L; ++l) {
    sum(gradient.W[l - 1]);
    sum(gradient.b[l - 1]);
  }

  TargetCosines cosines{std::vector<double>(L, 0.0), std::vector<double>(L, 0.0)};
  for (arma::uword l = L; l >= 1; --l) {
    arma::Mat<T> target = propagation.e(l) * propagation.At(l - 1).t();
    sum(target);
    arma::Mat<T> D;
    if (l == 1) {
      D = propagation.e(1) * first(layers.preconditioned_inputs()).t();
      sum(D);
    } else {
      D = in_metric(target, propagation.At(l - 1), options.eps, sum, size);
      const arma::Mat<T>& W = network.W[l - 1];
      if (gradients) {
        propagation.input_gradient(l, W, problem.activation);
      } else {
        DampedLeastSquares<T> K;
        K.reserve(W.n_rows, W.n_cols);
        K.factorize(W, options.lam);
        propagation.input_target(l, K, problem.activation);
      }
    }
    cosines.target[l - 1] = descent_cosine(gradient.W[l - 1], gradient.b[l - 1], target);
    cosines.step[l - 1] = descent_cosine(gradient.W[l - 1], gradient.b[l - 1], D);
  }
  return cosines;
}

template TargetCosines target_cosines(const Problem<float>&, const TargetLayers<float>&, arma::uword, bool);
template TargetCosines target_cosines(const Problem<double>&, const TargetLayers<double>&, arma::uword, bool);

}  // namespace admmbench
