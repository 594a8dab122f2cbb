#include "core/blocks/linear_residual.hpp"

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

template <class T>
void linear_residual(const arma::Mat<T>& WA, const arma::Col<T>& b, const arma::Mat<T>& z, arma::Mat<T>& E) {
  const T* bias = b.memptr();
  for_panels(reads(WA, z), writes(E), [&](std::size_t first, std::size_t last) {
    for (std::size_t n = first; n < last; ++n) {
      const T* wa = WA.colptr(n);
      const T* zn = z.colptr(n);
      T* e = E.colptr(n);
      for (arma::uword i = 0; i < z.n_rows; ++i) e[i] = wa[i] + bias[i] - zn[i];
    }
  });
}

template <class T>
void linear_residual(const arma::Mat<T>& WA, const arma::Col<T>& b, const arma::Mat<T>& z, T shift,
                     const arma::Mat<T>& u, arma::Mat<T>& E) {
  const T* bias = b.memptr();
  for_panels(reads(WA, z, u), writes(E), [&](std::size_t first, std::size_t last) {
    for (std::size_t n = first; n < last; ++n) {
      const T* wa = WA.colptr(n);
      const T* zn = z.colptr(n);
      const T* un = u.colptr(n);
      T* e = E.colptr(n);
      for (arma::uword i = 0; i < z.n_rows; ++i) e[i] = wa[i] + bias[i] - zn[i] - shift * un[i];
    }
  });
}

template <class T>
double linear_residual_norm2(const arma::Mat<T>& WA, const arma::Col<T>& b, const arma::Mat<T>& z) {
  const T* bias = b.memptr();
  return sum_panels(reads(WA, z), [&](std::size_t first, std::size_t last) {
    double total = 0;
    for (std::size_t n = first; n < last; ++n) {
      const T* wa = WA.colptr(n);
      const T* zn = z.colptr(n);
      double sum = 0;
#pragma omp simd reduction(+ : sum)
      for (arma::uword i = 0; i < z.n_rows; ++i) {
        const double e = static_cast<double>(wa[i] + bias[i] - zn[i]);
        sum += e * e;
      }
      total += sum;
    }
    return total;
  });
}

template <class T>
void affine(const arma::Mat<T>& WA, const arma::Col<T>& b, arma::Mat<T>& m) {
  const T* bias = b.memptr();
  for_panels(reads(WA), writes(m), [&](std::size_t first, std::size_t last) {
    for (std::size_t n = first; n < last; ++n) {
      const T* wa = WA.colptr(n);
      T* out = m.colptr(n);
      for (arma::uword i = 0; i < WA.n_rows; ++i) out[i] = wa[i] + bias[i];
    }
  });
}

template <class T>
void affine(const arma::Mat<T>& WA, const arma::Col<T>& b, T shift, const arma::Mat<T>& u, arma::Mat<T>& m) {
  const T* bias = b.memptr();
  for_panels(reads(WA, u), writes(m), [&](std::size_t first, std::size_t last) {
    for (std::size_t n = first; n < last; ++n) {
      const T* wa = WA.colptr(n);
      const T* un = u.colptr(n);
      T* out = m.colptr(n);
      for (arma::uword i = 0; i < WA.n_rows; ++i) out[i] = wa[i] + bias[i] - shift * un[i];
    }
  });
}

#define ADMMBENCH_INSTANTIATE(T)                                                                        \
  template void linear_residual(const arma::Mat<T>&, const arma::Col<T>&, const arma::Mat<T>&,          \
                                arma::Mat<T>&);                                                         \
  template void linear_residual(const arma::Mat<T>&, const arma::Col<T>&, const arma::Mat<T>&, T,       \
                                const arma::Mat<T>&, arma::Mat<T>&);                                    \
  template double linear_residual_norm2(const arma::Mat<T>&, const arma::Col<T>&, const arma::Mat<T>&); \
  template void affine(const arma::Mat<T>&, const arma::Col<T>&, arma::Mat<T>&);                        \
  template void affine(const arma::Mat<T>&, const arma::Col<T>&, T, const arma::Mat<T>&, arma::Mat<T>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
