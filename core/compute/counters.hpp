#pragma once
/// What an iteration costs, without a clock: exact counts of floating-point operations in matrix products and of bytes
/// in element-wise passes. The counts depend on shapes only (docs/performance.md has the formulas), apart from what
/// inner iterations do, which is counted apart. Free when nobody counts: one test of a pointer per product or pass.
///
/// Not counted: passes over vectors of one entry per neuron, LAPACK calls on the few columns of an Anderson history, and
/// the arithmetic of element-wise passes, columnwise Newton included (their bytes are counted).

#include <cstddef>
#include <cstdint>
#include <vector>

namespace admmbench {

/// A matrix product C (m x n) <- op(A) (m x k) op(B) (k x n), as BLAS was asked for it.
struct Product {
  bool transpose_a = false;
  bool transpose_b = false;
  std::size_t m = 0;
  std::size_t n = 0;
  std::size_t k = 0;
  bool accumulates = false;  ///< beta != 0

  friend bool operator==(const Product&, const Product&) = default;
};

struct Counters {
  std::uint64_t products = 0;       ///< matrix products (GEMM)
  std::uint64_t product_flops = 0;  ///< 2 m n k each
  std::uint64_t product_bytes =
      0;  ///< their operands and results, each once; a result that accumulates, twice
  /// Nominal: Cholesky factorisation n^3/3, solve 2 n^2 per right-hand side, QR of m x n 2 n^2 (m - n/3).
  std::uint64_t solve_flops = 0;
  std::uint64_t passes = 0;      ///< element-wise passes
  std::uint64_t pass_bytes = 0;  ///< read and written by them, each matrix once per pass
  /// Products and solves whose number depends on the data: trials of a step, redone blocks, Lanczos, fallbacks.
  std::uint64_t iterative_flops = 0;
  std::uint64_t iterative_bytes = 0;  ///< of passes and products in them

  /// Where to keep the list of products, if asked for; those of other threads come after the caller's own.
  std::vector<Product>* log = nullptr;

  std::uint64_t flops() const { return product_flops + solve_flops + iterative_flops; }
  void add(const Counters& other);

  template <class Archive>
  void archive(Archive& a) {
    a(products, product_flops, product_bytes, solve_flops, passes, pass_bytes, iterative_flops,
      iterative_bytes);
  }
};

/// While it lives, the calling thread counts into `counters`; so do the workers of a WorkerPool that it drives.
class Counting {
 public:
  explicit Counting(Counters& counters);
  ~Counting();
  Counting(const Counting&) = delete;
  Counting& operator=(const Counting&) = delete;

 private:
  Counters* before_;
};

/// While it lives, what the calling thread counts belongs to an inner iteration, whose number depends on the data.
class InnerIteration {
 public:
  InnerIteration();
  ~InnerIteration();
  InnerIteration(const InnerIteration&) = delete;
  InnerIteration& operator=(const InnerIteration&) = delete;
};

/// What the calling thread counts into; null: nothing.
Counters* active_counters();
/// Whether it is in an InnerIteration.
bool counts_as_inner();

void count_product(const Product& product, std::size_t entry_bytes);
void count_pass(std::uint64_t bytes);
void count_solve(std::uint64_t flops);
void count_iterative(std::uint64_t flops);

}  // namespace admmbench
