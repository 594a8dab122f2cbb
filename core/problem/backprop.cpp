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
      for_entries_by_row(reads(z), writes(z, a),
                         [=, z = z.memptr(), a = a.memptr()](std::size_t i, std::size_t row) {
                           z[i] += b[row];
                           a[i] = activation(z[i]);
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
    vectorized(vector_level(), [sum = db.memptr(), d = delta.memptr(), rows = db.n_elem, columns] {
      for (std::size_t n = 0; n < columns; ++n) {
#pragma omp simd
        for (std::size_t i = 0; i < rows; ++i) sum[i] += d[n * rows + i];
      }
    });
    if (l == 1) break;
    // delta_{l-1} = (W_l^T delta_l) * f'(z_{l-1}); the product lands in a_{l-1}, which is no longer needed.
    arma::Mat<T> back = view(a_[l - 1], l - 1);
    gemm(Op::transpose, Op::none, T(1), network.W[l - 1], delta, T(0), back);
    arma::Mat<T> below = view(z_[l - 1], l - 1);
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
