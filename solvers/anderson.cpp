#include "solvers/anderson.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

/// Rows taken at a time by the orthogonal reduction: 1024 x 9 doubles stay in a second-level cache.
constexpr arma::uword rows_per_block = 1024;

// Scale adaptive: r follows the safeguard's verdicts (cvxgrp/aa pull request 54), and stays within these bounds.
constexpr double adaptive_decrease = 0.9;
constexpr double adaptive_increase = 10;
constexpr double smallest_r = 1e-16;
constexpr double largest_r = 1;

/// LAPACK's recommended work space is at most this many rows of 64 for the calls below.
constexpr arma::uword lapack_block = 64;

/// 1 if the value is infinite or NaN, else 0.
template <class T>
double not_finite(T value) {
  return value - value == T(0) ? 0.0 : 1.0;
}

}  // namespace

void AndersonOptions::visit(ParameterVisitor& v) {
  v.integer("m", memory, non_negative, "memory: differences kept; 0 is the base map itself");
  v.choice("type", type, {"1", "2"}, "Anderson acceleration of type I or II");
  v.group(
      "regularization",
      [this](ParameterVisitor& group) {
        group.choice(
            "scale", scale, {"square", "product", "absolute", "adaptive"},
            "r = value times the mean diagonal of F^T F (square), times ||X|| ||F|| (product), value "
            "on the plain weights (absolute), or square with a factor that follows the safeguard "
            "(adaptive)");
        group.real("value", value, non_negative, "0 leaves the rank to the pivoted QR alone");
      },
      "Tikhonov term r of the least-squares problem, whose columns are normalised");
  v.integer("interval", interval, at_least_one, "use every so manieth iteration's pair only");
  v.integer("min_length", min_length, at_least_one, "differences needed before the first accelerated point");
  v.real("weight_cap", weight_cap, positive, "refuse weights with a larger 2-norm");
}

template <class T>
void Anderson<T>::initialize(const AndersonOptions& options, std::size_t size,
                             std::vector<AndersonPart> parts, const SampleSum& sum) {
  options_ = options;
  sum_ = sum;
  parts_ = std::move(parts);
  if (parts_.empty()) parts_.push_back({0, size, 0});
  adaptive_ = 1;
  size_ = size;
  columns_ = std::min(static_cast<arma::uword>(options.memory), size_);
  reset();
  if (columns_ == 0) return;

  dF_.zeros(size_, columns_);
  dG_.zeros(size_, columns_);
  f_.assign(size_, T(0));
  g_.assign(size_, T(0));
  gamma_.assign(columns_, 0.0);
  const arma::uword widest = (uses_X() ? 2 : 1) * columns_ + 1;
  panel_.zeros(std::max(rows_per_block, sum_.alone() ? 0 : widest) + widest, widest);
  if (!sum_.alone()) triangles_.assign(static_cast<std::size_t>(sum_.size()) * widest * widest, 0.0);
  stacked_.zeros(widest + columns_, columns_);
  scale_.assign(columns_, 0.0);
  ridge_.assign(columns_, 0.0);
  triangle_.assign(columns_ * columns_, 0.0);
  rhs_.assign(columns_, 0.0);
  tau_.assign(widest, 0.0);
  work_.assign(lapack_block * (widest + 1) + 3 * widest, 0.0);
  pivots_.assign(columns_, 0);
  swaps_.assign(columns_, 0);
}

template <class T>
void Anderson<T>::reset() {
  calls_ = 0;
  has_pair_ = false;
  filled_ = 0;
  next_ = 0;
}

template <class T>
bool Anderson<T>::apply(std::span<const T> x, std::span<const T> g, std::span<T> candidate) {
  if (columns_ == 0 || calls_++ % options_.interval != 0) return false;
  if (!take_pair(x, g)) return refuse(statistics_.rejected_nonfinite);
  if (filled_ < std::min(static_cast<arma::uword>(options_.min_length), columns_)) return false;

  reduce();
  if (!solve()) return refuse(statistics_.rejected_rank);
  double norm2 = 0;
  for (arma::uword j = 0; j < filled_; ++j) norm2 += gamma_[j] * gamma_[j];
  statistics_.last_weight_norm = std::sqrt(norm2);
  if (!std::isfinite(norm2)) return refuse(statistics_.rejected_nonfinite);
  if (statistics_.last_weight_norm >= options_.weight_cap) return refuse(statistics_.rejected_weight_cap);

  std::copy(g.begin(), g.end(), candidate.begin());
  count_pass(3 * sizeof(T) * size_ * (filled_ + 1));
  const double failed =
      vectorized(vector_level(), [out = candidate.data(), n = std::size_t(size_), columns = filled_,
                                  dG = dG_.memptr(), gamma = gamma_.data()] {
        for (std::size_t j = 0; j < columns; ++j) {
          const T weight = static_cast<T>(gamma[j]);
          const T* difference = dG + j * n;
#pragma omp simd
          for (std::size_t i = 0; i < n; ++i) out[i] -= weight * difference[i];
        }
        LaneSum sum;
        sum.add(0, n, [out](std::size_t i) { return not_finite(out[i]); });
        return sum.total();
      });
  return sum_.total(failed) == 0 || refuse(statistics_.rejected_nonfinite);
}

template <class T>
void Anderson<T>::safeguard(bool accept) {
  if (accept) {
    ++statistics_.accepted;
    adaptive_ *= adaptive_decrease;
  } else {
    adaptive_ *= adaptive_increase;
    refuse(statistics_.rejected_safeguard);
  }
}

template <class T>
bool Anderson<T>::refuse(long& cause) {
  ++cause;
  reset();
  return false;
}

/// Appends the differences to the last pair; false if an entry is not finite. Each difference is rounded once.
template <class T>
bool Anderson<T>::take_pair(std::span<const T> x, std::span<const T> g) {
  T* dF = dF_.colptr(next_);
  T* dG = dG_.colptr(next_);
  count_pass(8 * sizeof(T) * size_);
  const double failed = vectorized(vector_level(), [n = std::size_t(size_), dF, dG, x = x.data(),
                                                    g = g.data(), last_f = f_.data(), last_g = g_.data()] {
    LaneSum sum;
    sum.add(0, n, [=](std::size_t i) {
      const T f = g[i] - x[i];
      dF[i] = f - last_f[i];
      dG[i] = g[i] - last_g[i];
      last_f[i] = f;
      last_g[i] = g[i];
      return not_finite(f);
    });
    return sum.total();
  });
  if (sum_.total(failed) > 0) return false;
  if (has_pair_) {
    next_ = (next_ + 1) % columns_;
    filled_ = std::min(filled_ + 1, columns_);
  }
  has_pair_ = true;
  return true;
}

/// Leaves in the top of panel_ the triangle of a QR decomposition of [F f] or [X F f]: Householder, block of rows by
/// block of rows, each stacked below the triangle so far. Inner products of columns survive, the number of rows does not
/// matter any more.
template <class T>
void Anderson<T>::reduce() {
  const arma::uword k = filled_;
  const arma::uword first_F = uses_X() ? k : 0;
  const arma::uword width = first_F + k + 1;
  panel_.zeros();
  // Copied out once, then transformed in cache.
  count_pass(width * sizeof(T) * size_);
  for (arma::uword begin = 0; begin < size_; begin += rows_per_block) {
    const arma::uword rows = std::min(rows_per_block, size_ - begin);
    for (arma::uword j = 0; j < k; ++j) {
      const T* dF = dF_.colptr(j) + begin;
      const T* dG = dG_.colptr(j) + begin;
      double* F = panel_.colptr(first_F + j) + width;
      for (arma::uword i = 0; i < rows; ++i) F[i] = static_cast<double>(dF[i]);
      if (first_F == 0) continue;
      double* X = panel_.colptr(j) + width;
      for (arma::uword i = 0; i < rows; ++i) X[i] = static_cast<double>(dG[i]) - static_cast<double>(dF[i]);
    }
    double* f = panel_.colptr(width - 1) + width;
    for (arma::uword i = 0; i < rows; ++i) f[i] = static_cast<double>(f_[begin + i]);

    count_weights_once(begin, rows, width);
    reduce_rows(width, rows);
  }
  if (!sum_.alone()) reduce_over_processes(width);
}

/// Householder on the triangle and the `rows` rows below it.
template <class T>
void Anderson<T>::reduce_rows(arma::uword width, arma::uword rows) {
  count_solve(2 * std::uint64_t(width) * width * (width + rows) -
              2 * std::uint64_t(width) * width * width / 3);
  auto height = static_cast<arma::blas_int>(width + rows);
  auto columns = static_cast<arma::blas_int>(width);
  auto leading = static_cast<arma::blas_int>(panel_.n_rows);
  auto work_size = static_cast<arma::blas_int>(work_.size());
  arma::blas_int info = 0;
  arma::lapack::geqrf(&height, &columns, panel_.memptr(), &leading, tau_.data(), work_.data(), &work_size,
                      &info);
  for (arma::uword j = 0; j < width; ++j) {
    std::fill(panel_.colptr(j) + j + 1, panel_.colptr(j) + width, 0.0);
  }
}

/// The weights among the rows of the block that starts at `begin` count in one process only.
template <class T>
void Anderson<T>::count_weights_once(arma::uword begin, arma::uword rows, arma::uword width) {
  if (sum_.leads()) return;
  for (const AndersonPart& part : parts_) {
    if (part.per_sample != 0) continue;
    const arma::uword first = std::max<arma::uword>(part.begin, begin);
    const arma::uword last = std::min<arma::uword>(part.begin + part.size, begin + rows);
    if (first >= last) continue;
    for (arma::uword j = 0; j < width; ++j) {
      double* const column = panel_.colptr(j) + width;
      std::fill(column + (first - begin), column + (last - begin), 0.0);
    }
  }
}

/// The triangle of all rows out of everybody's.
template <class T>
void Anderson<T>::reduce_over_processes(arma::uword width) {
  const std::size_t entries = width * width;
  const auto processes = static_cast<std::size_t>(sum_.size());
  const auto triangle_of = [&](std::size_t rank) { return triangles_.data() + rank * entries; };
  std::fill_n(triangles_.begin(), processes * entries, 0.0);
  double* own = triangle_of(static_cast<std::size_t>(sum_.rank()));
  for (arma::uword j = 0; j < width; ++j) std::copy_n(panel_.colptr(j), width, own + j * width);
  sum_.entries(triangles_.data(), processes * entries);
  panel_.zeros();
  for (std::size_t rank = 0; rank < processes; ++rank) {
    for (arma::uword j = 0; j < width; ++j)
      std::copy_n(triangle_of(rank) + j * width, width, panel_.colptr(j) + width);
    reduce_rows(width, width);
  }
}

/// gamma_ from the triangle; false if no column is usable.
template <class T>
bool Anderson<T>::solve() {
  using Scale = AndersonOptions::Scale;
  const bool type_one = options_.type == AndersonOptions::Type::one;
  const arma::uword k = filled_;
  const arma::uword first_F = uses_X() ? k : 0;
  const arma::uword width = first_F + k + 1;
  const auto column_norm2 = [&](arma::uword j) {
    const double* column = panel_.colptr(j);
    double sum = 0;
    for (arma::uword i = 0; i <= j; ++i) sum += column[i] * column[i];
    return sum;
  };

  // D, the columns' Frobenius norms, and with them r.
  double F_norm2 = 0;
  double X_norm2 = 0;
  for (arma::uword j = 0; j < k; ++j) {
    const double norm = std::sqrt(column_norm2(first_F + j));
    scale_[j] = norm > 0 ? 1 / norm : 0;
    F_norm2 += norm > 0 ? 1 : 0;
    if (uses_X()) X_norm2 += column_norm2(j) * scale_[j] * scale_[j];
  }
  double r = options_.value * F_norm2 / static_cast<double>(k);
  if (options_.scale == Scale::product)
    r = options_.value * std::sqrt(F_norm2 * X_norm2) / static_cast<double>(k);
  if (options_.scale == Scale::adaptive && r > 0) {
    adaptive_ = std::clamp(adaptive_ * r, smallest_r, largest_r) / r;
    r *= adaptive_;
  }
  for (arma::uword j = 0; j < k; ++j) {
    ridge_[j] = options_.scale == Scale::absolute ? std::sqrt(options_.value) * scale_[j] : std::sqrt(r);
  }

  // Pivoted QR of [A D; sqrt(r) I].
  const arma::uword first_A = type_one ? 0 : first_F;
  const arma::uword height = width + k;
  for (arma::uword j = 0; j < k; ++j) {
    double* column = stacked_.colptr(j);
    for (arma::uword i = 0; i < width; ++i) column[i] = panel_(i, first_A + j) * scale_[j];
    for (arma::uword i = 0; i < k; ++i) column[width + i] = i == j ? ridge_[j] : 0.0;
    pivots_[j] = 0;
  }
  arma::blas_int rows = static_cast<arma::blas_int>(height);
  arma::blas_int columns = static_cast<arma::blas_int>(k);
  arma::blas_int leading = static_cast<arma::blas_int>(stacked_.n_rows);
  arma::blas_int work_size = static_cast<arma::blas_int>(work_.size());
  arma::blas_int info = 0;
  arma::lapack::geqp3(&rows, &columns, stacked_.memptr(), &leading, pivots_.data(), tau_.data(), work_.data(),
                      &work_size, &info);
  if (info != 0) return false;

  // Rank cut; then R (rank x rank) aside, and Q in place.
  const double tolerance = static_cast<double>(k) * static_cast<double>(std::numeric_limits<T>::epsilon()) *
                           std::abs(stacked_(0, 0));
  arma::uword rank = 0;
  while (rank < k && std::abs(stacked_(rank, rank)) > tolerance) ++rank;
  statistics_.last_rank = static_cast<long>(rank);
  if (rank == 0) return false;
  for (arma::uword j = 0; j < rank; ++j) {
    std::copy(stacked_.colptr(j), stacked_.colptr(j) + rank, triangle_.begin() + static_cast<long>(j * rank));
  }
  arma::blas_int kept = static_cast<arma::blas_int>(rank);
  arma::lapack::orgqr(&rows, &kept, &kept, stacked_.memptr(), &leading, tau_.data(), work_.data(), &work_size,
                      &info);
  if (info != 0) return false;

  // Q^T [f; 0].
  for (arma::uword i = 0; i < rank; ++i) {
    const double* q = stacked_.colptr(i);
    const double* f = panel_.colptr(width - 1);
    rhs_[i] = 0;
    for (arma::uword row = 0; row < width; ++row) rhs_[i] += q[row] * f[row];
  }

  if (type_one) {
    // R^T drops out of R^T (Q^T [F D; sqrt(r) I]) gamma' = R^T Q^T [f; 0]; the rest is a rank x rank system.
    for (arma::uword j = 0; j < rank; ++j) {
      const arma::uword column = static_cast<arma::uword>(pivots_[j] - 1);
      for (arma::uword i = 0; i < rank; ++i) {
        const double* q = stacked_.colptr(i);
        double sum = q[width + column] * ridge_[column];
        for (arma::uword row = 0; row < width; ++row)
          sum += q[row] * panel_(row, first_F + column) * scale_[column];
        triangle_[j * rank + i] = sum;
      }
    }
    arma::blas_int one = 1;
    arma::lapack::gesv(&kept, &one, triangle_.data(), &kept, swaps_.data(), rhs_.data(), &kept, &info);
    if (info != 0) return false;
  } else {
    for (arma::uword i = rank; i-- > 0;) {
      for (arma::uword j = i + 1; j < rank; ++j) rhs_[i] -= triangle_[j * rank + i] * rhs_[j];
      rhs_[i] /= triangle_[i * rank + i];
    }
  }

  std::fill(gamma_.begin(), gamma_.end(), 0.0);
  for (arma::uword i = 0; i < rank; ++i) {
    const auto column = static_cast<std::size_t>(pivots_[i] - 1);
    gamma_[column] = rhs_[i] * scale_[column];
  }
  return true;
}

template class Anderson<float>;
template class Anderson<double>;

}  // namespace admmbench
