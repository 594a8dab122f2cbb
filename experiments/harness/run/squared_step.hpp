#pragma once
/// How far an iteration moved: what the theorems about o(1/k) are about.

#include <algorithm>
#include <limits>
#include <map>
#include <string>

#include "core/problem/state_visitor.hpp"

namespace admmbench {

/// Sums ||v^k - v^{k-1}||_F^2 over the primal variables v of a solver: all but the multipliers u_l, whose steps the theorems bound by
/// those of the others. A variable that was not there before (layers that a staged method adds) has no step yet.
template <class T>
class SquaredStep final : public StateVisitor<T> {
 public:
  void matrix(std::string_view name, const arma::Mat<T>& value) override { look(name, value); }
  void vector(std::string_view name, const arma::Col<T>& value) override { look(name, value); }

  /// The squared step since the last call, `visit` showing all variables; infinite at the first.
  template <class Visit>
  double since_last(Visit visit) {
    sum_ = 0;
    known_ = !before_.empty();
    visit(*this);
    return known_ ? sum_ : std::numeric_limits<double>::infinity();
  }

 private:
  void look(std::string_view name, const arma::Mat<T>& value) {
    if (name.starts_with('u')) return;
    arma::Mat<T>& old = before_[std::string(name)];
    if (old.n_rows == value.n_rows && old.n_cols == value.n_cols) {
      for (arma::uword i = 0; i < value.n_elem; ++i) {
        const double step = static_cast<double>(value[i]) - static_cast<double>(old[i]);
        sum_ += step * step;
      }
    }
    old = value;
  }

  std::map<std::string, arma::Mat<T>> before_;
  double sum_ = 0;
  bool known_ = false;
};

}  // namespace admmbench
