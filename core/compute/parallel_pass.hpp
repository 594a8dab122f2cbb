#pragma once
/// Element-wise passes over big matrices, a panel of whole columns at a time, on the threads of ComputeThreads.
///
/// The panels depend on the shape only, and partial sums are added in the order of the panels: the same bits come out
/// with any number of threads and any width of vectors. Matrices that fit in cache are done by the calling thread alone.

#include <algorithm>
#include <armadillo>
#include <array>
#include <cstddef>

#include "core/compute/counters.hpp"
#include "core/compute/vector_level.hpp"
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

/// While it lives, passes and products of the thread that made it use `threads` threads in all, which sleep in between, and
/// BLAS itself uses one (core/compute/blas_threads.hpp), also afterwards.
class ComputeThreads {
 public:
  explicit ComputeThreads(std::size_t threads);
  ~ComputeThreads();
  ComputeThreads(const ComputeThreads&) = delete;
  ComputeThreads& operator=(const ComputeThreads&) = delete;

 private:
  WorkerPool pool_;
  WorkerPool* before_;
};

/// The threads of the calling thread's passes and products; null: itself alone.
WorkerPool* compute_threads();

/// body(task) for task = 0..tasks-1, on several threads if `threaded` and if there are any. Bodies must write
/// disjoint memory.
template <class Body>
void for_tasks(std::size_t tasks, bool threaded, Body&& body) {
  WorkerPool* pool = threaded ? compute_threads() : nullptr;
  if (pool == nullptr) {
    for (std::size_t task = 0; task < tasks; ++task) body(task);
    return;
  }
  pool->for_each(tasks, [&](std::size_t task, std::size_t /*worker*/) { body(task); });
}

/// Bytes of one entry of what a pass reads or writes. A type that is no matrix, as codes that are packed, overloads it
/// beside itself.
template <class T>
constexpr std::size_t entry_bytes(const arma::Mat<T>&) {
  return sizeof(T);
}
template <class T>
constexpr std::size_t entry_bytes(const T*) {
  return sizeof(T);
}

/// The matrices that a pass reads, or writes; made by reads() and writes().
struct Operands {
  std::size_t bytes = 0;  ///< of one entry of each
  std::size_t rows = 0;   ///< of the first, where it has a shape
  std::size_t columns = 0;
};
struct Reads : Operands {};
struct Writes : Operands {};

namespace detail {
template <class First, class... More>
Operands operands(const First& first, const More&... more) {
  Operands result{(entry_bytes(first) + ... + entry_bytes(more)), 0, 0};
  if constexpr (requires { first.n_cols; }) {
    result.rows = first.n_rows;
    result.columns = first.n_cols;
  }
  return result;
}
}  // namespace detail

/// What a pass reads: reads(A, B, ...). A matrix that is changed in place is both read and written. Vectors of one entry
/// per neuron are not named: they are not counted.
template <class... Matrices>
Reads reads(const Matrices&... matrices) {
  return {detail::operands(matrices...)};
}

/// What a pass writes: writes(A, ...).
template <class... Matrices>
Writes writes(const Matrices&... matrices) {
  return {detail::operands(matrices...)};
}

/// A pass over rows x columns entries; for the counters, and for the panels.
struct Pass {
  std::size_t entry_bytes;  ///< read and written for one entry
  std::size_t rows;
  std::size_t columns;

  Pass(std::size_t bytes, std::size_t all_rows, std::size_t all_columns)
      : entry_bytes(bytes), rows(all_rows), columns(all_columns) {}
  /// Of the shape of what is read first or, where that has none, of what is written first.
  Pass(const Reads& in, const Writes& out)
      : Pass(in.bytes + out.bytes, in.columns > 0 ? in.rows : out.rows,
             in.columns > 0 ? in.columns : out.columns) {}
  Pass(const Reads& in) : Pass(in, {}) {}
  Pass(const Writes& out) : Pass({}, out) {}
};

/// Counts a pass that is written out as a loop.
inline void count_pass(const Pass& pass) { count_pass(pass.entry_bytes * pass.rows * pass.columns); }
inline void count_pass(const Reads& in, const Writes& out) { count_pass(Pass(in, out)); }

/// to <- from, counted.
template <class T>
void copy(const arma::Mat<T>& from, arma::Mat<T>& to) {
  count_pass(reads(from), writes(to));
  to = from;
}

/// body(first, last) for every panel of columns [first, last), compiled for every vector level
/// (core/compute/vector_level.hpp). Bodies must write disjoint memory; to be vectorised they capture by value, matrices as
/// pointers: the compiler must assume of what is captured by reference that a store of the pass changes it.
template <class Body>
void for_panels(const Pass& pass, const Body& body) {
  count_pass(pass);
  const Panels panels(pass.rows, pass.columns);
  const VectorLevel level = vector_level();
  for_tasks(panels.count, panels.threaded, [&](std::size_t p) {
    vectorized(level, [body, first = panels.first(p), last = panels.last(p)] { body(first, last); });
  });
}

template <class Body>
void for_panels(const Reads& in, const Writes& out, const Body& body) {
  for_panels(Pass(in, out), body);
}

/// The sum of body(first, last) over all panels.
template <class Body>
double sum_panels(const Pass& pass, const Body& body) {
  count_pass(pass);
  const Panels panels(pass.rows, pass.columns);
  const VectorLevel level = vector_level();
  std::array<double, Panels::most> partial{};
  for_tasks(panels.count, panels.threaded, [&](std::size_t p) {
    partial[p] = vectorized(
        level, [body, first = panels.first(p), last = panels.last(p)] { return body(first, last); });
  });
  double sum = 0;
  for (std::size_t p = 0; p < panels.count; ++p) sum += partial[p];
  return sum;
}

template <class Body>
double sum_panels(const Reads& in, const Writes& out, const Body& body) {
  return sum_panels(Pass(in, out), body);
}

/// A sum whose order is fixed whatever the vectors' width: entry i of a run of entries goes to lane i mod 16, and the lanes
/// are added in pairs at the end. Sixteen doubles are two to eight registers.
class LaneSum {
 public:
  static constexpr std::size_t lanes = 16;

  /// Adds body(i) for i = begin..end-1.
  template <class Body>
  void add(std::size_t begin, std::size_t end, const Body& body) {
    std::array<double, lanes> sum = lane_;  // a local: kept in registers over the loop
    std::size_t i = begin;
    for (; i + lanes <= end; i += lanes) {
#pragma omp simd
      for (std::size_t k = 0; k < lanes; ++k) sum[k] += body(i + k);
    }
    lane_ = sum;
    for (std::size_t k = 0; i + k < end; ++k) {
      not_vectorized();
      lane_[k] += body(i + k);
    }
  }

  double total() const { return total<lanes>(0); }

 private:
  /// Of the lanes k with k mod (lanes / count) = first.
  template <std::size_t count>
  double total(std::size_t first) const {
    if constexpr (count == 1) {
      return lane_[first];
    } else {
      return total<count / 2>(first) + total<count / 2>(first + lanes / count);
    }
  }

  std::array<double, lanes> lane_{};
};

/// body(i) for every entry i; entries do not depend on each other:
///     for_entries(reads(X, Y), writes(Y), [x = X.memptr(), y = Y.memptr()](std::size_t i) { y[i] += x[i]; });
template <class Body>
void for_entries(const Reads& in, const Writes& out, const Body& body) {
  const Pass pass(in, out);
  for_panels(pass, [rows = pass.rows, body](std::size_t first, std::size_t last) {
#pragma omp simd
    for (std::size_t i = first * rows; i < last * rows; ++i) body(i);
  });
}

/// The sum, in double, of body(i) over all entries i, which may also be written to.
template <class Body>
double sum_entries(const Reads& in, const Writes& out, const Body& body) {
  const Pass pass(in, out);
  return sum_panels(pass, [rows = pass.rows, body](std::size_t first, std::size_t last) {
    LaneSum sum;
    sum.add(first * rows, last * rows, body);
    return sum.total();
  });
}

template <class Body>
double sum_entries(const Reads& in, const Body& body) {
  return sum_entries(in, Writes{}, body);
}

/// As for_entries(), for what depends on the neuron as well: body(i, row) with the row of entry i.
template <class Body>
void for_entries_by_row(const Reads& in, const Writes& out, const Body& body) {
  const Pass pass(in, out);
  for_panels(pass, [rows = pass.rows, body](std::size_t first, std::size_t last) {
    for (std::size_t n = first; n < last; ++n) {
#pragma omp simd
      for (std::size_t row = 0; row < rows; ++row) body(n * rows + row, row);
    }
  });
}

/// As sum_entries(), with body(i, row).
template <class Body>
double sum_entries_by_row(const Reads& in, const Writes& out, const Body& body) {
  const Pass pass(in, out);
  return sum_panels(pass, [rows = pass.rows, body](std::size_t first, std::size_t last) {
    LaneSum sum;
    for (std::size_t n = first; n < last; ++n) {
      sum.add(0, rows, [body, begin = n * rows](std::size_t row) { return body(begin + row, row); });
    }
    return sum.total();
  });
}

/// body(i) for i = 0..n-1, where arrays are given by pointers.
template <class Body>
void for_range(std::size_t n, const Reads& in, const Writes& out, const Body& body) {
  for_panels(Pass(in.bytes + out.bytes, 1, n), [body](std::size_t first, std::size_t last) {
#pragma omp simd
    for (std::size_t i = first; i < last; ++i) body(i);
  });
}

}  // namespace admmbench
