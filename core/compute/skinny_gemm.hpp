#pragma once
/// Matrix products whose result has at most 16 rows, the output layer's: bound by memory, and packing the long operand, as BLAS
/// does for any shape, costs more than the product (10 x 55000 x 1000: 30 GFLOP/s). These read it once. Column-major,
/// on ComputeThreads' threads, the same bits with any number of them.

#include <cstddef>

namespace admmbench {

struct SkinnyGemm {
  static constexpr std::size_t narrow = 16;  ///< the short side at most
  static constexpr std::size_t worth = std::size_t(1)
                                       << 20;  ///< entries of the long operand: below, BLAS is as fast
};

/// C (m x n) <- alpha A (m x k) B (k x n) + beta C, m <= 16.
template <class T>
void skinny_gemm(std::size_t m, std::size_t n, std::size_t k, T alpha, const T* A, const T* B, T beta, T* C);

/// C (m x p) <- alpha E (m x n) A (p x n)^T + beta C, m <= 16.
template <class T>
void skinny_gemm_transposed(std::size_t m, std::size_t p, std::size_t n, T alpha, const T* E, const T* A,
                            T beta, T* C);

}  // namespace admmbench
