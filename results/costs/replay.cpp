#include "results/costs/replay.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "core/compute/buffer.hpp"
#include "core/compute/linalg.hpp"

namespace admmbench {

template <class T>
double replay_seconds(const std::vector<Product>& products, int repetitions) {
  Buffer<T> left;
  Buffer<T> right;
  Buffer<T> result;
  for (const Product& p : products) {
    left.reserve(p.m * p.k);
    right.reserve(p.k * p.n);
    result.reserve(p.m * p.n);
  }
  double best = std::numeric_limits<double>::infinity();
  for (int r = 0; r < repetitions; ++r) {
    const auto begin = std::chrono::steady_clock::now();
    for (const Product& p : products) {
      const auto A = p.transpose_a ? left.view(p.k, p.m) : left.view(p.m, p.k);
      const auto B = p.transpose_b ? right.view(p.n, p.k) : right.view(p.k, p.n);
      auto C = result.view(p.m, p.n);
      gemm(p.transpose_a ? Op::transpose : Op::none, p.transpose_b ? Op::transpose : Op::none, T(1), A, B,
           p.accumulates ? T(1) : T(0), C);
    }
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

template double replay_seconds<float>(const std::vector<Product>&, int);
template double replay_seconds<double>(const std::vector<Product>&, int);

}  // namespace admmbench
