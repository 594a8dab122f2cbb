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

/// The inner products of four rows with b. Entry i goes to lane i mod the number of lanes, and the lanes are added in pairs:
/// the same bits for every width of vectors.
template <class T>
std::array<T, 4> four_products(const std::array<T, strip>* a, const T* b, std::size_t length) {
  constexpr std::size_t lanes = 64 / sizeof(T);
  std::array<std::array<T, lanes>, 4> sum{};
  std::size_t i = 0;
  for (; i + lanes <= length; i += lanes) {
#pragma omp simd
    for (std::size_t k = 0; k < lanes; ++k) {
      sum[0][k] += a[0][i + k] * b[i + k];
      sum[1][k] += a[1][i + k] * b[i + k];
      sum[2][k] += a[2][i + k] * b[i + k];
      sum[3][k] += a[3][i + k] * b[i + k];
    }
  }
  for (std::size_t k = 0; i + k < length; ++k) {
    for (std::size_t q = 0; q < 4; ++q) sum[q][k] += a[q][i + k] * b[i + k];
  }
  const auto total = [&](std::size_t q) {
    std::array<T, lanes>& s = sum[q];
    for (std::size_t k = 0; k < lanes / 2; ++k) s[k] += s[k + lanes / 2];
    for (std::size_t k = 0; k < lanes / 4; ++k) s[k] += s[k + lanes / 4];
    T rest = 0;
    for (std::size_t k = 0; k < lanes / 4; ++k) rest += s[k];
    return rest;
  };
  return {total(0), total(1), total(2), total(3)};
}

}  // namespace

template <class T>
void skinny_gemm(std::size_t m, std::size_t n, std::size_t k, T alpha, const T* A, const T* B, T beta, T* C) {
  Rows<T> rows;
  const VectorLevel level = vector_level();
  for (std::size_t begin = 0; begin < k; begin += strip) {
    const std::size_t length = std::min(strip, k - begin);
    for (std::size_t i = 0; i < length; ++i) {
      for (std::size_t r = 0; r < m; ++r) rows[r][i] = A[(begin + i) * m + r];
    }
    for (std::size_t r = m; r % 4 != 0; ++r) rows[r].fill(T(0));  // read below, result unused
    const T keep = begin == 0 ? beta : T(1);
    const Panels panels(k, n);
    for_tasks(panels.count, panels.threaded, [&](std::size_t panel) {
      vectorized(level, [=, a = rows.data(), first = panels.first(panel), last = panels.last(panel)] {
        for (std::size_t j = first; j < last; ++j) {
          T* c = C + j * m;
          for (std::size_t r = 0; r < m; r += 4) {
            const std::array<T, 4> sum = four_products(a + r, B + j * k + begin, length);
            for (std::size_t q = 0; q < std::min<std::size_t>(4, m - r); ++q)
              c[r + q] = scaled(keep, c[r + q]) + alpha * sum[q];
          }
        }
      });
    });
  }
}

template <class T>
void skinny_gemm_transposed(std::size_t m, std::size_t p, std::size_t n, T alpha, const T* E, const T* A,
                            T beta, T* C) {
  // Every task has a strip of C's columns to itself and goes through all samples: no partial sums to add.
  constexpr std::size_t half = strip / 2;  // 1,000 columns are four tasks: even for two threads and for four
  const std::size_t tasks = (p + half - 1) / half;
  const VectorLevel level = vector_level();
  for_tasks(tasks, p * n >= Panels::worth_threads, [&](std::size_t task) {
    vectorized(level, [=, begin = task * half, length = std::min(half, p - task * half)] {
      std::array<std::array<T, strip / 2>, narrow> sums{};
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
#pragma omp simd
          for (std::size_t i = 0; i < length; ++i) {
            sum[i] += (e0 * a0[i] + e1 * a1[i]) + (e2 * a2[i] + e3 * a3[i]);
          }
        }
      }
      for (; j < n; ++j) {
        const T* a = A + j * p + begin;
        for (std::size_t r = 0; r < m; ++r) {
          const T e = E[j * m + r];
#pragma omp simd
          for (std::size_t i = 0; i < length; ++i) sums[r][i] += e * a[i];
        }
      }
      for (std::size_t i = 0; i < length; ++i) {
        T* c = C + (begin + i) * m;
        for (std::size_t r = 0; r < m; ++r) c[r] = scaled(beta, c[r]) + alpha * sums[r][i];
      }
    });
  });
}

template void skinny_gemm(std::size_t, std::size_t, std::size_t, float, const float*, const float*, float,
                          float*);
template void skinny_gemm(std::size_t, std::size_t, std::size_t, double, const double*, const double*, double,
                          double*);
template void skinny_gemm_transposed(std::size_t, std::size_t, std::size_t, float, const float*, const float*,
                                     float, float*);
template void skinny_gemm_transposed(std::size_t, std::size_t, std::size_t, double, const double*,
                                     const double*, double, double*);

}  // namespace admmbench
