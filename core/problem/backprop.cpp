#include "core/problem/backprop.hpp"

#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

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
                             const arma::Mat<T>& x, const arma::Mat<T>& targets, Network<T>& gradient) {
  const arma::uword layers = network.layers();
  const arma::uword columns = x.n_cols;
  const auto view = [&](std::vector<T>& memory, arma::uword l) {
    return arma::Mat<T>(memory.data(), widths_[l], columns, false, true);
  };
  const auto input = [&](arma::uword l) {
    return l == 1 ? arma::Mat<T>(const_cast<T*>(x.memptr()), x.n_rows, columns, false, true)
                  : view(a_[l - 1], l - 1);
  };

  for (arma::uword l = 1; l <= layers; ++l) {
    arma::Mat<T> z = view(z_[l], l);
    gemm(Op::none, Op::none, T(1), network.W[l - 1], input(l), T(0), z);
    if (l == layers) {
      add_column(z, network.b[l - 1]);
      continue;
    }
    arma::Mat<T> a = view(a_[l], l);
    const T* b = network.b[l - 1].memptr();
    with_activation<T>(f, [&](auto activation) {
      for_panels(reads(z), writes(z, a), [&](std::size_t first, std::size_t last) {
        for (std::size_t n = first; n < last; ++n) {
          T* zn = z.colptr(n);
          T* an = a.colptr(n);
          for (arma::uword i = 0; i < z.n_rows; ++i) {
            zn[i] += b[i];
            an[i] = activation(zn[i]);
          }
        }
      });
    });
  }

  arma::Mat<T> top = view(z_[layers], layers);
  loss_gradient(loss, top, targets, static_cast<T>(1 / static_cast<double>(columns)), top);
  for (arma::uword l = layers; l >= 1; --l) {
    const arma::Mat<T> delta = view(z_[l], l);
    gemm(Op::none, Op::transpose, T(1), delta, input(l), T(0), gradient.W[l - 1]);
    if (mu != 0) axpy(static_cast<T>(mu), network.W[l - 1], gradient.W[l - 1]);
    arma::Col<T>& db = gradient.b[l - 1];
    db.zeros();
    count_pass(reads(delta));
    for (arma::uword n = 0; n < columns; ++n) {
      const T* column = delta.colptr(n);
      for (arma::uword i = 0; i < db.n_elem; ++i) db[i] += column[i];
    }
    if (l == 1) break;
    // delta_{l-1} = (W_l^T delta_l) * f'(z_{l-1}); the product lands in a_{l-1}, which is no longer needed.
    arma::Mat<T> back = view(a_[l - 1], l - 1);
    gemm(Op::transpose, Op::none, T(1), network.W[l - 1], delta, T(0), back);
    arma::Mat<T> below = view(z_[l - 1], l - 1);
    with_activation<T>(f, [&](auto activation) {
      for_entries(reads(below, back), writes(below),
                  [&](std::size_t i) { below[i] = back[i] * activation.derivative(below[i]); });
    });
  }
}

template class Backprop<float>;
template class Backprop<double>;

}  // namespace admmbench
