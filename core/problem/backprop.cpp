#include "core/problem/backprop.hpp"

namespace admmbench {

template <class T>
void Backprop<T>::reserve(const std::vector<arma::uword>& widths, arma::uword columns) {
  widths_ = widths;
  z_.resize(widths.size());
  a_.resize(widths.size());
  for (std::size_t l = 1; l < widths.size(); ++l) {
    z_[l].assign(widths[l] * columns, T(0));
    if (l + 1 < widths.size()) a_[l].assign(widths[l] * columns, T(0));
  }
}

template <class T>
void Backprop<T>::operator()(const Network<T>& network, Activation f, Loss loss, double mu,
                             const arma::Mat<T>& x, const arma::Mat<T>& targets, Network<T>& gradient,
                             arma::uword samples) {
  forward(network, f, x);
  backward(network, f, loss, mu, x, targets, gradient, samples == 0 ? x.n_cols : samples);
}

template <class T>
double Backprop<T>::value_and_gradient(const Network<T>& network, Activation f, Loss loss, double mu,
                                       const arma::Mat<T>& x, const arma::Mat<T>& targets,
                                       Network<T>& gradient, arma::uword samples) {
  forward(network, f, x);
  const arma::Mat<T> top(z_[network.layers()].data(), targets.n_rows, x.n_cols, false, true);
  double value = loss_value(loss, top, targets) / static_cast<double>(samples);
  if (mu != 0) {
    for (const arma::Mat<T>& W : network.W) value += 0.5 * mu * norm2(W);
  }
  backward(network, f, loss, mu, x, targets, gradient, samples);
  return value;
}

template <class T>
void Backprop<T>::backward(const Network<T>& network, Activation f, Loss loss, double mu,
                           const arma::Mat<T>& x, const arma::Mat<T>& targets, Network<T>& gradient,
                           arma::uword samples) {
  const arma::uword layers = network.layers();
  const arma::uword columns = x.n_cols;
  arma::Mat<T> top = view(z_[layers], layers, columns);
  loss_gradient(loss, top, targets, static_cast<T>(1 / static_cast<double>(samples)), top);
  for (arma::uword l = layers; l >= 1; --l) {
    const arma::Mat<T> delta = view(z_[l], l, columns);
    gemm(Op::none, Op::transpose, T(1), delta, a(l - 1, x), T(0), gradient.W[l - 1]);
    if (mu != 0) axpy(static_cast<T>(mu), network.W[l - 1], gradient.W[l - 1]);
    row_sums(delta, gradient.b[l - 1]);
    if (l == 1) break;
    // delta_{l-1} = (W_l^T delta_l) * f'(z_{l-1}); the product lands in a_{l-1}, which is no longer needed.
    arma::Mat<T> back = view(a_[l - 1], l - 1, columns);
    gemm(Op::transpose, Op::none, T(1), network.W[l - 1], delta, T(0), back);
    arma::Mat<T> below = view(z_[l - 1], l - 1, columns);
    with_activation<T>(f, [&](auto activation) {
      for_entries(reads(below, back), writes(below),
                  [activation, z = below.memptr(), da = back.memptr()](std::size_t i) {
                    z[i] = da[i] * activation.derivative(z[i]);
                  });
    });
  }
}

template class Backprop<float>;
template class Backprop<double>;

}  // namespace admmbench
