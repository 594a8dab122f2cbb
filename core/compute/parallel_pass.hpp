#pragma once
/// Element-wise passes over big matrices, a panel of whole columns at a time, on the threads that PassThreads offers.
///
/// The panels depend on the shape only, and partial sums are added in the order of the panels: the same bits come out
/// with any number of threads. Matrices that fit in cache are done by the calling thread alone.

#include <algorithm>
#include <armadillo>
#include <array>
#include <cstddef>

#include "core/compute/counters.hpp"
#include "core/compute/worker_pool.hpp"

namespace admmbench {

/// How a rows x columns matrix is cut.
struct Panels {
  static constexpr std::size_t most = 128;                       ///< bounds the partial sums on the stack
  static constexpr std::size_t smallest = std::size_t(1) << 15;  ///< entries: 128 KiB of float32
  static constexpr std::size_t worth_threads = std::size_t(1)
                                               << 19;  ///< entries: waking a thread costs microseconds

  std::size_t columns;  ///< in all
  std::size_t width;    ///< columns of a panel, the last one's may be less
  std::size_t count;
  bool threaded;

  Panels(std::size_t rows, std::size_t all_columns) : columns(all_columns) {
    const std::size_t at_least = (smallest + rows) / std::max<std::size_t>(rows, 1);
    width = std::max({std::size_t(1), at_least, (columns + most - 1) / most});
    count = (columns + width - 1) / width;
    threaded = count > 1 && rows * columns >= worth_threads;
  }

  std::size_t first(std::size_t panel) const { return panel * width; }
  std::size_t last(std::size_t panel) const { return std::min(columns, (panel + 1) * width); }
};

/// While it lives, passes of the thread that made it use `threads` threads in all. They sleep between passes: a thread that
/// waits actively takes the processor from BLAS's.
class PassThreads {
 public:
  explicit PassThreads(std::size_t threads);
  ~PassThreads();
  PassThreads(const PassThreads&) = delete;
  PassThreads& operator=(const PassThreads&) = delete;

 private:
  WorkerPool pool_;
  WorkerPool* before_;
};

/// The threads of the calling thread's passes; null: itself alone.
WorkerPool* pass_threads();

/// body(task) for task = 0..tasks-1, on several threads if `threaded` and if there are any. Bodies must write disjoint
/// memory.
template <class Body>
void for_tasks(std::size_t tasks, bool threaded, Body&& body) {
  WorkerPool* pool = threaded ? pass_threads() : nullptr;
  if (pool == nullptr) {
    for (std::size_t task = 0; task < tasks; ++task) body(task);
    return;
  }
  pool->for_each(tasks, [&](std::size_t task, std::size_t /*worker*/) { body(task); });
}

/// What a pass moves, per entry of the matrices that it goes through; for the counters.
struct Traffic {
  std::size_t bytes;
};

/// `reads` matrices of T read and `writes` written.
template <class T>
constexpr Traffic traffic(std::size_t reads, std::size_t writes) {
  return {(reads + writes) * sizeof(T)};
}

/// Counts a sweep that is no for_panels(): a copy, or a fill.
template <class T>
void count_sweep(const arma::Mat<T>& like, std::size_t reads, std::size_t writes) {
  count_pass(traffic<T>(reads, writes).bytes * like.n_elem);
}

/// body(first, last) for every panel of columns [first, last). Bodies must write disjoint memory.
template <class Body>
void for_panels(Traffic traffic, std::size_t rows, std::size_t columns, Body&& body) {
  count_pass(traffic.bytes * rows * columns);
  const Panels panels(rows, columns);
  for_tasks(panels.count, panels.threaded, [&](std::size_t p) { body(panels.first(p), panels.last(p)); });
}

/// The sum of body(first, last) over all panels.
template <class Body>
double sum_panels(Traffic traffic, std::size_t rows, std::size_t columns, Body&& body) {
  const Panels panels(rows, columns);
  std::array<double, Panels::most> partial{};
  for_panels(traffic, rows, columns,
             [&](std::size_t first, std::size_t last) { partial[first / panels.width] = body(first, last); });
  double sum = 0;
  for (std::size_t p = 0; p < panels.count; ++p) sum += partial[p];
  return sum;
}

/// body(i) for every entry i of a matrix of the shape of `like`.
template <class T, class Body>
void for_entries(Traffic traffic, const arma::Mat<T>& like, Body&& body) {
  const std::size_t rows = like.n_rows;
  for_panels(traffic, rows, like.n_cols, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first * rows; i < last * rows; ++i) body(i);
  });
}

/// The sum, in double, of body(i) over all entries i. The body may also write to entry i.
template <class T, class Body>
double sum_entries(Traffic traffic, const arma::Mat<T>& like, Body&& body) {
  const std::size_t rows = like.n_rows;
  return sum_panels(traffic, rows, like.n_cols, [&](std::size_t first, std::size_t last) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::size_t i = first * rows; i < last * rows; ++i) sum += body(i);
    return sum;
  });
}

/// body(i) for i = 0..n-1.
template <class Body>
void for_range(Traffic traffic, std::size_t n, Body&& body) {
  for_panels(traffic, 1, n, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) body(i);
  });
}

}  // namespace admmbench
