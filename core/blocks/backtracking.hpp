#pragma once
/// Step lengths of many small problems at once, the rows or the columns of a matrix: t = 1, 1/2, 1/4, ... each until its own error does
/// not rise.

#include <armadillo>
#include <vector>

#include "core/compute/counters.hpp"
#include "core/problem/activation.hpp"

namespace admmbench {

/// errors[i] <- sum_n (a_in - f(T_in + t_i D_in))^2 over the samples, for every unit i: a, T, D n x N, t and errors n.
template <class T>
void row_errors(Activation f, const arma::Mat<T>& a, const arma::Mat<T>& at, const arma::Mat<T>& D,
                const std::vector<T>& t, std::vector<double>& errors);

/// errors[n] <- sum_i (a_in - f(T_in + t_n D_in))^2 over the units, for every sample n.
template <class T>
void column_errors(Activation f, const arma::Mat<T>& a, const arma::Mat<T>& at, const arma::Mat<T>& D,
                   const std::vector<T>& t, std::vector<double>& errors);

/// One step length per row or column.
template <class T>
class Backtracking {
 public:
  void reserve(arma::uword most) {
    t_.assign(most, T(0));
    before_.assign(most, 0);
    error_.assign(most, 0);
  }

  /// For `count` problems: t_i is the first of 1, 1/2, ..., 2^-halvings with error_i(t_i) <= error_i(0), or 0 if there is none.
  /// `errors(t, out)` fills the first `count` entries of out for step lengths t. Trials after the first depend on the data.
  template <class Errors>
  const std::vector<T>& search(arma::uword count, long halvings, const Errors& errors) {
    std::fill_n(t_.begin(), count, T(0));
    errors(t_, before_);
    std::fill_n(t_.begin(), count, T(1));
    errors(t_, error_);
    for (long k = 0; shorten(count, k == halvings) && k < halvings; ++k) {
      const InnerIteration trial;
      errors(t_, error_);
    }
    return t_;
  }

 private:
  /// Halves the step of every problem whose error has risen, or gives it up; whether there was one.
  bool shorten(arma::uword count, bool give_up) {
    bool any = false;
    for (arma::uword i = 0; i < count; ++i) {
      if (error_[i] <= before_[i]) continue;
      t_[i] = give_up ? T(0) : t_[i] / 2;
      any = true;
    }
    return any;
  }

  std::vector<T> t_;
  std::vector<double> before_, error_;
};

}  // namespace admmbench
