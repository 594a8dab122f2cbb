#pragma once
/// Gradients of the mean loss by back-propagation, for the gradient baselines and for diagnosis:
///   F(W, b) = (1/B) R(z_L) + (mu/2) sum ||W_l||^2  over a batch of B columns
/// (docs/methods/gradient.md).

#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "core/problem/activation.hpp"
#include "core/problem/network.hpp"
#include "core/problem/problem.hpp"

namespace admmbench {

/// z_l = W_l a_{l-1} + b_l, l = 1..L, and a_l = f(z_l), l < L, each kept: z(l) and a(l) are views of their places, n_l x B, a(0) the
/// batch x.
template <class T, class Z, class A>
void forward_keeping(const Network<T>& network, Activation f, const Z& z, const A& a) {
  const arma::uword layers = network.layers();
  for (arma::uword l = 1; l <= layers; ++l) {
    arma::Mat<T> z_l = z(l);
    gemm(Op::none, Op::none, T(1), network.W[l - 1], a(l - 1), T(0), z_l);
    if (l == layers) {
      add_column(z_l, network.b[l - 1]);
      break;
    }
    arma::Mat<T> a_l = a(l);
    const T* b = network.b[l - 1].memptr();
    with_activation<T>(f, [&](auto activation) {
      for_entries_by_row(reads(z_l), writes(z_l, a_l),
                         [=, z = z_l.memptr(), a = a_l.memptr()](std::size_t i, std::size_t row) {
                           z[i] += b[row];
                           a[i] = activation(z[i]);
                         });
    });
  }
}

template <class T>
class Backprop {
 public:
  /// Sizes every buffer for batches of at most `columns` columns.
  void reserve(const std::vector<arma::uword>& widths, arma::uword columns);

  /// gradient <- dF/dW_l, dF/db_l for the batch x (n0 x B), targets (n_L x B). `samples`: those of the batch, where these are some of
  /// them; 0: these.
  void operator()(const Network<T>& network, Activation f, Loss loss, double mu, const arma::Mat<T>& x,
                  const arma::Mat<T>& targets, Network<T>& gradient, arma::uword samples = 0);

  /// The same, and F itself: of these samples their part of the mean over `samples`.
  double value_and_gradient(const Network<T>& network, Activation f, Loss loss, double mu,
                            const arma::Mat<T>& x, const arma::Mat<T>& targets, Network<T>& gradient,
                            arma::uword samples);

 private:
  arma::Mat<T> view(std::vector<T>& memory, arma::uword l, arma::uword columns) {
    return arma::Mat<T>(memory.data(), widths_[l], columns, false, true);
  }
  /// a_l of the batch x, l = 0..L-1.
  arma::Mat<T> a(arma::uword l, const arma::Mat<T>& x) {
    if (l == 0) return arma::Mat<T>(const_cast<T*>(x.memptr()), x.n_rows, x.n_cols, false, true);
    return view(a_[l], l, x.n_cols);
  }
  void forward(const Network<T>& network, Activation f, const arma::Mat<T>& x) {
    forward_keeping(
        network, f, [&](arma::uword l) { return view(z_[l], l, x.n_cols); },
        [&](arma::uword l) { return a(l, x); });
  }
  void backward(const Network<T>& network, Activation f, Loss loss, double mu, const arma::Mat<T>& x,
                const arma::Mat<T>& targets, Network<T>& gradient, arma::uword samples);

  std::vector<std::vector<T>> z_;  ///< pre-activations, then deltas dF/dz_l
  std::vector<std::vector<T>> a_;  ///< activations
  std::vector<arma::uword> widths_;
};

}  // namespace admmbench
