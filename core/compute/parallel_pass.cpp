#include "core/compute/parallel_pass.hpp"

#include "core/compute/blas_threads.hpp"

namespace admmbench {

namespace {
thread_local WorkerPool* pool_of_thread = nullptr;
}  // namespace

ComputeThreads::ComputeThreads(std::size_t threads) : pool_(threads), before_(pool_of_thread) {
  set_blas_threads(1);
  pool_of_thread = pool_.workers() > 1 ? &pool_ : nullptr;
}
ComputeThreads::~ComputeThreads() { pool_of_thread = before_; }

WorkerPool* compute_threads() { return pool_of_thread; }

SerialCompute::SerialCompute() : before_(pool_of_thread) { pool_of_thread = nullptr; }
SerialCompute::~SerialCompute() { pool_of_thread = before_; }

}  // namespace admmbench
