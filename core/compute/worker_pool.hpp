#pragma once
/// A few persistent threads for methods whose iteration consists of phases that are parallel over layers.
/// for_each() is one phase: it returns when all of its tasks are done, so that a call is also the barrier.

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include "core/compute/counters.hpp"

namespace admmbench {

class WorkerPool;

/// While it lives, passes and products of the calling thread (core/compute/parallel_pass.hpp) stay on it: its siblings have
/// work of their own.
class SerialCompute {
 public:
  SerialCompute();
  ~SerialCompute();
  SerialCompute(const SerialCompute&) = delete;
  SerialCompute& operator=(const SerialCompute&) = delete;

 private:
  WorkerPool* before_;
};

class WorkerPool {
 public:
  /// `workers` threads in all, the calling one included; 1 starts no thread.
  explicit WorkerPool(std::size_t workers);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  std::size_t workers() const { return threads_.size() + 1; }

  /// Calls task(index, worker) for index = 0..tasks-1, each once, on whichever worker (0..workers-1) is free.
  /// Tasks must write disjoint memory. The first exception of a task is rethrown here after all have ended.
  /// Allocates nothing.
  template <class Task>
  void for_each(std::size_t tasks, Task&& task) {
    using Callable = std::remove_reference_t<Task>;
    run(
        tasks,
        [](void* callable, std::size_t index, std::size_t worker) {
          (*static_cast<Callable*>(callable))(index, worker);
        },
        &task);
  }

 private:
  using Call = void (*)(void*, std::size_t, std::size_t);

  void run(std::size_t tasks, Call call, void* callable);
  void work(std::size_t worker);  ///< takes tasks of the current phase until none is left
  void wait_for_work(std::size_t worker);

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable phase_started_;
  std::condition_variable phase_ended_;
  std::size_t phase_ = 0;  ///< counts phases, so that a thread takes part in each once
  std::size_t next_ = 0;
  std::size_t tasks_ = 0;
  std::size_t busy_ = 0;  ///< threads that have not finished the current phase
  bool stopping_ = false;
  Call call_ = nullptr;
  void* callable_ = nullptr;
  std::exception_ptr failure_;
  Counters* counters_ = nullptr;  ///< what the caller counts into
  bool inner_ = false;            ///< and whether as an inner iteration
  std::vector<Counters> counts_;  ///< of each thread in the current phase
  std::vector<std::vector<Product>> logs_;
};

}  // namespace admmbench
