#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {
thread_local WorkerPool* pool_of_passes = nullptr;
}  // namespace

PassThreads::PassThreads(std::size_t threads) : pool_(threads), before_(pool_of_passes) {
  if (pool_.workers() > 1) pool_of_passes = &pool_;
}
PassThreads::~PassThreads() { pool_of_passes = before_; }

WorkerPool* pass_threads() { return pool_of_passes; }

SerialPasses::SerialPasses() : before_(pool_of_passes) { pool_of_passes = nullptr; }
SerialPasses::~SerialPasses() { pool_of_passes = before_; }

}  // namespace admmbench
