#include "solvers/gram_tp/target_propagation.hpp"

#include <algorithm>

#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

/// dz <- scale f'(m) da, entry by entry. Returns ||dz||^2.
template <class T>
double scaled_slopes(Activation f, T scale, const arma::Mat<T>& m, const arma::Mat<T>& da, arma::Mat<T>& dz) {
  const T* in = m.memptr();
  const T* d = da.memptr();
  T* out = dz.memptr();
  return with_activation<T>(f, [&](auto activation) {
    return sum_entries(reads(m, da), writes(dz), [=](std::size_t i) {
      out[i] = scale * activation.derivative(in[i]) * d[i];
      return static_cast<double>(out[i]) * static_cast<double>(out[i]);
    });
  });
}

}  // namespace

template <class T>
void TargetPropagation<T>::reserve(const std::vector<arma::uword>& widths, arma::uword columns,
                                   const OutputProx& zL) {
  widths_ = widths;
  columns_ = columns;
  const arma::uword L = layers();
  At_.resize(L);
  m_.resize(L);
  e_.resize(L);
  da_.resize(L - 1);
  for (arma::uword l = 1; l <= L; ++l) {
    At_[l - 1].reserve((widths[l - 1] + 1) * columns);
    At(l - 1).row(widths[l - 1]).ones();  // nobody writes to it again
    m_[l - 1].reserve(widths[l] * columns);
    e_[l - 1].reserve(widths[l] * columns);
    if (l < L) da_[l - 1].reserve(widths[l] * columns);
  }
  prox_.reserve(widths.back(), columns, zL);
}

template <class T>
void TargetPropagation<T>::forward(const std::vector<arma::Mat<T>>& Wb, Activation f) {
  for (arma::uword l = 1; l <= layers(); ++l) {
    arma::Mat<T> m_l = m(l);
    gemm(Op::none, Op::none, T(1), Wb[l - 1], At(l - 1), T(0), m_l);
    if (l == layers()) return;
    arma::Mat<T> a_l = At(l);
    // a_l has the row of ones below: its columns are longer than m_l's.
    with_activation<T>(f, [&](auto activation) {
      for_panels(reads(m_l), writes(a_l),
                 [activation, m = m_l.memptr(), a = a_l.memptr(), rows = m_l.n_rows, stride = a_l.n_rows](
                     std::size_t first, std::size_t last) {
                   for (std::size_t n = first; n < last; ++n) {
#pragma omp simd
                     for (std::size_t i = 0; i < rows; ++i) a[n * stride + i] = activation(m[n * rows + i]);
                   }
                 });
    });
  }
}

template <class T>
double TargetPropagation<T>::output_target(const OutputProx& zL, Loss loss, const arma::Mat<T>& targets,
                                           double c) {
  const arma::Mat<T> m_L = m(layers());
  arma::Mat<T> e_L = e(layers());
  std::copy(m_L.begin(), m_L.end(), e_L.begin());
  output_prox(zL, loss, targets, c, m_L, e_L, prox_);
  return sum_entries(reads(m_L, e_L), writes(e_L), [m = m_L.memptr(), e = e_L.memptr()](std::size_t i) {
    e[i] -= m[i];
    return static_cast<double>(e[i]) * static_cast<double>(e[i]);
  });
}

template <class T>
double TargetPropagation<T>::input_target(arma::uword l, const DampedLeastSquares<T>& K, Activation f) {
  arma::Mat<T> da_below = da(l - 1);
  arma::Mat<T> e_below = e(l - 1);
  K.apply(e(l), da_below);
  return region_displacement(f, m(l - 1), da_below, e_below);
}

template <class T>
double TargetPropagation<T>::output_gradient(Loss loss, const arma::Mat<T>& targets) {
  arma::Mat<T> e_L = e(layers());
  loss_gradient(loss, m(layers()), targets, T(-1), e_L);
  return norm2(e_L);
}

template <class T>
double TargetPropagation<T>::input_gradient(arma::uword l, const arma::Mat<T>& W, Activation f) {
  arma::Mat<T> da_below = da(l - 1);
  arma::Mat<T> e_below = e(l - 1);
  gemm(Op::transpose, Op::none, T(1), W, e(l), T(0), da_below);
  return scaled_slopes(f, T(1), m(l - 1), da_below, e_below);
}

template <class T>
double region_displacement(Activation f, const arma::Mat<T>& m, const arma::Mat<T>& da, arma::Mat<T>& dz) {
  const T scale = f == Activation::sigmoid ? T(16) : T(1);  // 1 / sup f'^2
  return scaled_slopes(f, scale, m, da, dz);
}

template <class T>
double keep_descending(Activation f, const arma::Mat<T>& m, const arma::Mat<T>& da, arma::Mat<T>& dz) {
  const T* in = m.memptr();
  const T* d = da.memptr();
  T* out = dz.memptr();
  return with_activation<T>(f, [&](auto activation) {
    return sum_entries(reads(m, da, dz), writes(dz), [=](std::size_t i) {
      const double before = static_cast<double>(d[i]);
      const double after = static_cast<double>(activation(in[i]) + d[i] - activation(in[i] + out[i]));
      const T step =
          out[i] + T(0);  // another value to the compiler, which else makes a branch of the store below
      const double moved = static_cast<double>(step);
      const bool lowers = moved * moved + after * after <= before * before;
      out[i] = lowers ? step : T(0);
      return lowers ? after * after : before * before;
    });
  });
}

#define ADMMBENCH_INSTANTIATE(T)                                                                        \
  template class TargetPropagation<T>;                                                                  \
  template double keep_descending(Activation, const arma::Mat<T>&, const arma::Mat<T>&, arma::Mat<T>&); \
  template double region_displacement(Activation, const arma::Mat<T>&, const arma::Mat<T>&, arma::Mat<T>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
