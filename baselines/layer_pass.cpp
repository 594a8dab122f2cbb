#include "baselines/layer_pass.hpp"

#include "core/problem/backprop.hpp"

namespace admmbench {

template <class T>
void LayerPass<T>::reserve(const std::vector<arma::uword>& widths, arma::uword columns) {
  widths_ = widths;
  z_.resize(layers());
  delta_.resize(layers());
  a_.resize(layers() - 1);
  for (arma::uword l = 1; l <= layers(); ++l) {
    z_[l - 1].reserve(widths[l] * columns);
    delta_[l - 1].reserve(widths[l] * columns);
    if (l < layers()) a_[l - 1].reserve(widths[l] * columns);
  }
}

template <class T>
arma::Mat<T> LayerPass<T>::a(arma::uword l) {
  if (l == 0) return arma::Mat<T>(const_cast<T*>(x_->memptr()), x_->n_rows, columns_, false, true);
  return a_[l - 1].view(widths_[l], columns_);
}

template <class T>
void LayerPass<T>::forward(const Network<T>& network, Activation f, const arma::Mat<T>& x) {
  x_ = &x;
  columns_ = x.n_cols;
  forward_keeping(
      network, f, [this](arma::uword l) { return z(l); }, [this](arma::uword l) { return a(l); });
}

template <class T>
void LayerPass<T>::backward(const Network<T>& network, Activation f) {
  for (arma::uword l = layers() - 1; l >= 1; --l) {
    arma::Mat<T> below = delta(l);
    gemm(Op::transpose, Op::none, T(1), network.W[l], delta(l + 1), T(0), below);
    times_slope(l, f);
  }
}

template <class T>
void LayerPass<T>::times_slope(arma::uword l, Activation f) {
  const arma::Mat<T> z_l = z(l);
  arma::Mat<T> delta_l = delta(l);
  with_activation<T>(f, [&](auto activation) {
    for_entries(reads(z_l, delta_l), writes(delta_l),
                [activation, z = z_l.memptr(), d = delta_l.memptr()](std::size_t i) {
                  d[i] *= activation.derivative(z[i]);
                });
  });
}

template class LayerPass<float>;
template class LayerPass<double>;

}  // namespace admmbench
