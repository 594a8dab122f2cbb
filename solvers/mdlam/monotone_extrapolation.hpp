#pragma once
/// mDLAM's acceleration (Algorithm 2), for one block v after the other: Nesterov's extrapolation with a monotone
/// safeguard.
///
///     s_0 = 0,   s_{k+1} = (1 + sqrt(1 + 4 s_k^2)) / 2,   omega_k = (s_k - 1) / s_{k+1}   (omega_0 = 0)
///     vbar    = v^k + omega_k (v^k - v^{k-1})
///     v^{k+1} = step(vbar),  where F is not above F(v^k) then;  else step(v^k)

#include <cmath>
#include <utility>

#include "core/blocks/input_span.hpp"
#include "core/compute/buffer.hpp"
#include "core/compute/parallel_pass.hpp"
#include "core/parallel/sample_sum.hpp"

namespace admmbench {

template <class T>
class MonotoneExtrapolation {
 public:
  /// Before the first iteration.
  void reset() {
    s_ = omega_ = 0;
    redos_ = 0;
  }

  /// Columns and products are those of the samples here; terms() are then to be added up over all.
  void share(const SampleSum& sum) { sum_ = sum; }

  /// Memory for blocks and products of at most so many entries.
  void reserve(arma::uword block, arma::uword product) {
    trial_.reserve(block);
    trial_product_.reserve(product);
  }
  /// The same for update_span().
  void reserve_span(const InputSpan<T>& W, const arma::Mat<T>& Wx) {
    current_point_ = previous_point_ = W.point();
    previous_Wx_ = Wx;
  }

  void begin_iteration() {
    const double next = (1 + std::sqrt(1 + 4 * s_ * s_)) / 2;
    omega_ = s_ == 0 ? 0 : (s_ - 1) / next;
    s_ = next;
  }

  double omega() const { return omega_; }
  void set_omega(double omega) { omega_ = omega; }
  arma::uword redos() const { return redos_; }  ///< blocks redone from the plain point

  /// A block `v` with its `product`, which `step(v, product)` updates together; `multiply(v, product)` computes the
  /// product anew, `terms(v, product)` are those of F that v touches. `previous` is v^{k-1}, and v^k on return.
  template <class Multiply, class Step, class Terms>
  void update(arma::Mat<T>& v, arma::Mat<T>& product, arma::Mat<T>& previous, Multiply multiply, Step step,
              Terms terms) {
    if (omega_ == 0) {
      copy(v, previous);
      step(v, product);
      return;
    }
    arma::Mat<T> vbar = trial_.view(v.n_rows, v.n_cols);
    arma::Mat<T> bar_product = trial_product_.view(product.n_rows, product.n_cols);
    const T omega = static_cast<T>(omega_);
    double before = terms(v, product);
    for_entries(reads(v, previous), writes(vbar, previous),
                [omega, v = v.memptr(), last = previous.memptr(), bar = vbar.memptr()](std::size_t i) {
                  bar[i] = v[i] + omega * (v[i] - last[i]);
                  last[i] = v[i];
                });
    multiply(vbar, bar_product);
    step(vbar, bar_product);
    double after = terms(vbar, bar_product);
    sum_.scalars(before, after);
    settle(
        after <= before,
        [&] {
          copy(vbar, v);
          copy(bar_product, product);
        },
        [&] { step(v, product); });
  }

  /// W_1 = s W^0 + C x^T as s and C, with Wx = W_1 x, which `step(Wx)` updates together with them. Wx is linear in s and
  /// C, and x stays: the extrapolated product costs no GEMM.
  template <class Step, class Terms>
  void update_span(InputSpan<T>& W, arma::Mat<T>& Wx, Step step, Terms terms) {
    if (omega_ == 0) {
      count_pass(reads(W.point().C, Wx), writes(previous_point_.C, previous_Wx_));
      previous_point_ = W.point();
      previous_Wx_ = Wx;
      step(Wx);
      return;
    }
    arma::Mat<T> bar_product = trial_product_.view(Wx.n_rows, Wx.n_cols);
    const T omega = static_cast<T>(omega_);
    const double before = terms(Wx);
    current_point_.s = W.point().s;
    copy(W.point().C, current_point_.C);
    for_entries(reads(Wx, previous_Wx_), writes(bar_product),
                [omega, wx = Wx.memptr(), last = previous_Wx_.memptr(),
                 bar = bar_product.memptr()](std::size_t i) { bar[i] = wx[i] + omega * (wx[i] - last[i]); });
    copy(Wx, previous_Wx_);
    W.extrapolate(omega_, previous_point_);
    std::swap(previous_point_, current_point_);  // previous_point_ is W_1^k from here on
    step(bar_product);
    settle(
        terms(bar_product) <= before, [&] { copy(bar_product, Wx); },
        [&] {
          W.set_point(previous_point_);
          step(Wx);
        });
  }

  template <class Archive>
  void archive(Archive& a) {
    a(s_, omega_, redos_, previous_point_);
    a.columns(previous_Wx_);
  }

 private:
  /// What follows a verdict is counted apart: it depends on the data.
  template <class Keep, class Redo>
  void settle(bool better, Keep keep, Redo redo) {
    const InnerIteration verdict;
    if (better) {
      keep();
    } else {
      ++redos_;
      redo();
    }
  }

  double s_ = 0;
  double omega_ = 0;
  arma::uword redos_ = 0;
  SampleSum sum_;
  Buffer<T> trial_;          ///< vbar
  Buffer<T> trial_product_;  ///< and its product

  // Of an implicit W_1.
  SpanPoint<T> current_point_;   ///< scratch
  SpanPoint<T> previous_point_;  ///< W_1^{k-1}
  arma::Mat<T> previous_Wx_;     ///< W_1^{k-1} x
};

}  // namespace admmbench
