#include "core/compute/counters.hpp"

namespace admmbench {

namespace {
thread_local Counters* active = nullptr;
thread_local int inner = 0;
}  // namespace

void Counters::add(const Counters& other) {
  products += other.products;
  product_flops += other.product_flops;
  product_bytes += other.product_bytes;
  solve_flops += other.solve_flops;
  iterative_flops += other.iterative_flops;
  iterative_bytes += other.iterative_bytes;
  passes += other.passes;
  pass_bytes += other.pass_bytes;
  if (log != nullptr && other.log != nullptr) log->insert(log->end(), other.log->begin(), other.log->end());
}

Counting::Counting(Counters& counters) : before_(active) { active = &counters; }
Counting::~Counting() { active = before_; }

InnerIteration::InnerIteration() { ++inner; }
InnerIteration::~InnerIteration() { --inner; }

Counters* active_counters() { return active; }
bool counts_as_inner() { return inner > 0; }

void count_product(const Product& product, std::size_t entry_bytes) {
  if (active == nullptr) return;
  const auto& [transpose_a, transpose_b, m, n, k, accumulates] = product;
  const std::uint64_t flops = 2 * std::uint64_t(m) * n * k;
  const std::uint64_t bytes =
      (std::uint64_t(m) * k + std::uint64_t(k) * n + std::uint64_t(m) * n * (accumulates ? 2 : 1)) *
      entry_bytes;
  if (inner > 0) {
    active->iterative_flops += flops;
    active->iterative_bytes += bytes;
  } else {
    ++active->products;
    active->product_flops += flops;
    active->product_bytes += bytes;
  }
  if (active->log != nullptr) active->log->push_back(product);
}

void count_pass(std::uint64_t bytes) {
  if (active == nullptr) return;
  if (inner > 0) {
    active->iterative_bytes += bytes;
    return;
  }
  ++active->passes;
  active->pass_bytes += bytes;
}

void count_solve(std::uint64_t flops) {
  if (active != nullptr) (inner > 0 ? active->iterative_flops : active->solve_flops) += flops;
}

void count_iterative(std::uint64_t flops) {
  if (active != nullptr) active->iterative_flops += flops;
}

}  // namespace admmbench
