#include "core/compute/skinny_gemm.hpp"

#include <algorithm>
#include <array>

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

constexpr std::size_t narrow = SkinnyGemm::narrow;
constexpr std::size_t strip =
    512;  ///< of the long side at a time: what is kept of it stays in the first caches

/// Rows of the narrow matrix, each contiguous.
template <class T>
using Rows = std::array<std::array<T, strip>, narrow>;

/// beta C, where C may hold anything if beta is 0.
template <class T>
T scaled(T beta, T value) {
  return beta == T(0) ? T(0) : beta * value;
}

}  // namespace

template <class T>
void skinny_gemm(std::size_t m, std::size_t n, std::size_t k, T alpha, const T* A, const T* B, T beta, T* C) {
  Rows<T> rows;
  for (std::size_t begin = 0; begin < k; begin += strip) {
    const std::size_t length = std::min(strip, k - begin);
    for (std::size_t i = 0; i < length; ++i) {
      for (std::size_t r = 0; r < m; ++r) rows[r][i] = A[(begin + i) * m + r];
    }
    for (std::size_t r = m; r % 4 != 0; ++r) rows[r].fill(T(0));  // read below, result unused
    const T keep = begin == 0 ? beta : T(1);
    const Panels panels(k, n);
    for_tasks(panels.count, panels.threaded, [&](std::size_t panel) {
      for (std::size_t j = panels.first(panel); j < panels.last(panel); ++j) {
        const T* b = B + j * k + begin;
        T* c = C + j * m;
        for (std::size_t r = 0; r < m; r += 4) {
          const T* a0 = rows[r].data();
          const T* a1 = rows[r + 1].data();
          const T* a2 = rows[r + 2].data();
          const T* a3 = rows[r + 3].data();
          T s0 = 0;
          T s1 = 0;
          T s2 = 0;
          T s3 = 0;
#pragma omp simd reduction(+ : s0, s1, s2, s3)
          for (std::size_t i = 0; i < length; ++i) {
            s0 += a0[i] * b[i];
            s1 += a1[i] * b[i];
            s2 += a2[i] * b[i];
            s3 += a3[i] * b[i];
          }
          const std::array<T, 4> sum{s0, s1, s2, s3};
          for (std::size_t q = 0; q < std::min<std::size_t>(4, m - r); ++q)
            c[r + q] = scaled(keep, c[r + q]) + alpha * sum[q];
        }
      }
    });
  }
}

template <class T>
void skinny_gemm_transposed(std::size_t m, std::size_t p, std::size_t n, T alpha, const T* E, const T* A,
                            T beta, T* C) {
  // Every task has a strip of C's columns to itself and goes through all samples: no partial sums to add.
  constexpr std::size_t half = strip / 2;  // 1,000 columns are four tasks: even for two threads and for four
  const std::size_t tasks = (p + half - 1) / half;
  for_tasks(tasks, p * n >= Panels::worth_threads, [&](std::size_t task) {
    const std::size_t begin = task * half;
    const std::size_t length = std::min(half, p - begin);
    std::array<std::array<T, half>, narrow> sums{};
    std::size_t j = 0;
    for (; j + 4 <= n; j += 4) {  // four samples for one trip through the sums
      const T* a0 = A + j * p + begin;
      const T* a1 = a0 + p;
      const T* a2 = a1 + p;
      const T* a3 = a2 + p;
      for (std::size_t r = 0; r < m; ++r) {
        const T* e = E + j * m + r;
        const T e0 = e[0];
        const T e1 = e[m];
        const T e2 = e[2 * m];
        const T e3 = e[3 * m];
        T* sum = sums[r].data();
        for (std::size_t i = 0; i < length; ++i) {
          sum[i] += (e0 * a0[i] + e1 * a1[i]) + (e2 * a2[i] + e3 * a3[i]);
        }
      }
    }
    for (; j < n; ++j) {
      const T* a = A + j * p + begin;
      for (std::size_t r = 0; r < m; ++r) {
        const T e = E[j * m + r];
        for (std::size_t i = 0; i < length; ++i) sums[r][i] += e * a[i];
      }
    }
    for (std::size_t i = 0; i < length; ++i) {
      T* c = C + (begin + i) * m;
      for (std::size_t r = 0; r < m; ++r) c[r] = scaled(beta, c[r]) + alpha * sums[r][i];
    }
  });
}

#define ADMMBENCH_INSTANTIATE(T)                                                                  \
  template void skinny_gemm(std::size_t, std::size_t, std::size_t, T, const T*, const T*, T, T*); \
  template void skinny_gemm_transposed(std::size_t, std::size_t, std::size_t, T, const T*, const T*, T, T*);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
