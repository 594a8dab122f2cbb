#include "core/compute/worker_pool.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/compute/counters.hpp"

namespace admmbench {

WorkerPool::WorkerPool(std::size_t workers)
    : counts_(std::max<std::size_t>(workers, 1) - 1), logs_(counts_.size()) {
  for (std::size_t worker = 1; worker < workers; ++worker) {
    threads_.emplace_back([this, worker] { wait_for_work(worker); });
  }
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  phase_started_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::run(std::size_t tasks, Call call, void* callable) {
  {
    const std::lock_guard lock(mutex_);
    call_ = call;
    callable_ = callable;
    next_ = 0;
    tasks_ = tasks;
    busy_ = threads_.size();
    failure_ = nullptr;
    counters_ = active_counters();
    inner_ = counts_as_inner();
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      counts_[i] = {};
      if (counters_ == nullptr || counters_->log == nullptr) continue;
      logs_[i].clear();
      counts_[i].log = &logs_[i];
    }
    ++phase_;
  }
  phase_started_.notify_all();
  {
    std::optional<SerialCompute> serial;
    if (!threads_.empty()) serial.emplace();
    work(0);
  }
  std::unique_lock lock(mutex_);
  phase_ended_.wait(lock, [this] { return busy_ == 0; });
  if (counters_ != nullptr) {
    for (const Counters& counts : counts_) counters_->add(counts);
  }
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void WorkerPool::work(std::size_t worker) {
  while (true) {
    std::size_t task = 0;
    {
      const std::lock_guard lock(mutex_);
      if (next_ == tasks_) return;
      task = next_++;
    }
    try {
      call_(callable_, task, worker);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }
}

void WorkerPool::wait_for_work(std::size_t worker) {
  std::size_t seen = 0;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      phase_started_.wait(lock, [&] { return stopping_ || phase_ != seen; });
      if (stopping_) return;
      seen = phase_;
    }
    {
      std::optional<Counting> counting;
      std::optional<InnerIteration> inner;
      if (counters_ != nullptr) counting.emplace(counts_[worker - 1]);
      if (inner_) inner.emplace();
      work(worker);
    }
    {
      const std::lock_guard lock(mutex_);
      --busy_;
    }
    phase_ended_.notify_one();
  }
}

}  // namespace admmbench
