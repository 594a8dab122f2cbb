/// SOAP (Vyas et al., ICLR 2025; github.com/nikhilvyas/SOAP): Adam in the eigenbasis of Shampoo's preconditioner.
/// The first batch only starts L, R and Q: the weights stay. Then, for every W_l (G its gradient),
///   Gr = QL^T G QR;   m <- beta1 m + (1 - beta1) Gr;   v <- beta2 v + (1 - beta2) Gr^2
///   W <- (1 - h mu) (W - h sqrt(1 - beta2^t)/(1 - beta1^t) QL (m / (sqrt(v) + epsilon)) QR^T)
///   L <- beta_s L + (1 - beta_s) G G^T,   R <- beta_s R + (1 - beta_s) G^T G
///   every `refresh` updates  Q <- qr(L Q), columns and v first sorted by diag(Q^T L Q), largest first; m follows into the new basis
/// Biases are Adam's, in their own basis; a side of more than `largest` entries is not rotated.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "baselines/first_order.hpp"
#include "core/compute/buffer.hpp"
#include "core/compute/eigen.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

struct SoapParameters {
  double learning_rate = 3e-3;
  double beta1 = 0.95;
  double beta2 = 0.95;
  double epsilon = 1e-8;
  std::optional<double> beta_shampoo;  ///< empty: beta2
  long refresh = 10;
  long largest = 10000;
  BatchParameters batch;

  SoapParameters() { batch.mu = 0.01; }

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "step length");
    v.real("beta1", beta1, below_one, "decay of the first moment");
    v.real("beta2", beta2, below_one, "decay of the second moment");
    v.real("epsilon", epsilon, positive, "added to the denominator");
    v.stored_if(beta_shampoo.has_value() || v.wants_all())
        .real("beta_shampoo", beta_shampoo, below_one, "decay of L and R; left out: beta2");
    v.integer("refresh", refresh, at_least_one, "updates between new eigenbases");
    v.integer("largest", largest, at_least_one, "sides of more entries are not rotated");
    batch.visit_decoupled(v);
  }
};

/// One side of a W_l: its running Gram matrix and the basis in which Adam works.
template <class T>
struct SoapSide {
  bool rotated = false;
  arma::Mat<T> gram;   ///< L or R, n x n
  arma::Mat<T> basis;  ///< QL or QR, n x n

  template <class Archive>
  void archive(Archive& a) {
    a(gram, basis);
  }
};

template <class T>
class Soap final : public FirstOrder<T> {
 public:
  explicit Soap(const SoapParameters& p) : FirstOrder<T>(p.batch.without_decay()), p_(p) {}

  void visit_state(StateVisitor<T>& visitor) const override {
    FirstOrder<T>::visit_state(visitor);
    visit_moments(visitor, "m", m_);
    visit_moments(visitor, "v", v_);
    for (arma::uword l = 1; l <= left_.size(); ++l) {
      show(visitor, "L", "QL", l, left_[l - 1]);
      show(visitor, "R", "QR", l, right_[l - 1]);
    }
  }

 protected:
  using FirstOrder<T>::problem;

  void reserve(const std::vector<arma::uword>& sizes) override {
    reserve_moments(m_, sizes);
    reserve_moments(v_, sizes);
    const std::vector<arma::uword>& n = problem().widths;
    left_.clear();
    right_.clear();
    arma::uword largest = 0;
    arma::uword side = 0;
    for (arma::uword l = 1; l < n.size(); ++l) {
      left_.push_back(side_of(n[l]));
      right_.push_back(side_of(n[l - 1]));
      largest = std::max(largest, n[l] * n[l - 1]);
      for (const SoapSide<T>* one : {&left_.back(), &right_.back()})
        if (one->rotated) side = std::max(side, one->gram.n_rows);
    }
    rotated_.reserve(largest);
    half_.reserve(largest);
    square_.reserve(side * side);
    eigen_.reserve(side);
    orthonormal_.reserve(side);
    values_.zeros(side);
    order_.assign(side, 0);
    started_ = false;
  }

  /// t counts the batches, the first of which makes no update.
  void begin_update(long t, double factor) override {
    started_ = t > 1;
    updates_ = t - 1;
    const auto count = static_cast<double>(std::max<long>(updates_, 1));
    rate_ = p_.learning_rate * factor;
    step_ = rate_ * std::sqrt(1 - std::pow(p_.beta2, count)) / (1 - std::pow(p_.beta1, count));
  }

  void update(std::size_t array, T* w, const T* g, arma::uword n) override {
    const arma::uword l = this->layer_of(array);
    if (!this->is_weight(array)) {
      if (started_) adam_step(array, w, g, n);
      return;
    }
    const arma::Mat<T> G(const_cast<T*>(g), problem().widths[l], problem().widths[l - 1], false, true);
    if (started_) rotated_step(array, w, G);
    update_preconditioner(array, G);
  }

  void archive_moments(StateArchive& archive) override { archive(started_, updates_, m_, v_, left_, right_); }

 private:
  SoapSide<T> side_of(arma::uword n) const {
    SoapSide<T> side;
    side.rotated = n <= arma::uword(p_.largest);
    if (side.rotated) {
      side.gram.zeros(n, n);
      side.basis.eye(n, n);
    }
    return side;
  }

  static void show(StateVisitor<T>& visitor, const char* gram, const char* basis, arma::uword l,
                   const SoapSide<T>& side) {
    if (!side.rotated) return;
    visitor.matrix(layer_name(gram, l), side.gram);
    visitor.matrix(layer_name(basis, l), side.basis);
  }

  /// A <- op(QL) A op(QR)^T: into the basis with Op::transpose, back with Op::none.
  void rotate(arma::uword l, Op op, arma::Mat<T>& A) {
    const SoapSide<T>& left = left_[l - 1];
    const SoapSide<T>& right = right_[l - 1];
    arma::Mat<T> half = half_.view(A.n_rows, A.n_cols);
    const Op other = op == Op::none ? Op::transpose : Op::none;
    if (left.rotated && right.rotated) {
      gemm(op, Op::none, T(1), left.basis, A, T(0), half);
      gemm(Op::none, other, T(1), half, right.basis, T(0), A);
    } else if (left.rotated || right.rotated) {
      if (left.rotated) {
        gemm(op, Op::none, T(1), left.basis, A, T(0), half);
      } else {
        gemm(Op::none, other, T(1), A, right.basis, T(0), half);
      }
      copy(half, A);
    }
  }

  /// Adam's m, v and direction u from the gradient r, which u may share memory with.
  void adam_direction(std::size_t array, const T* r, arma::uword n, T* u) {
    T* m = m_[array].data();
    T* v = v_[array].data();
    const T beta1 = T(p_.beta1);
    const T beta2 = T(p_.beta2);
    const T rest1 = T(1 - p_.beta1);
    const T rest2 = T(1 - p_.beta2);
    const T epsilon = T(p_.epsilon);
    for_range(n, reads(r, m, v), writes(m, v, u), [=](std::size_t i) {
      m[i] = beta1 * m[i] + rest1 * r[i];
      v[i] = beta2 * v[i] + rest2 * r[i] * r[i];
      u[i] = m[i] / (std::sqrt(v[i]) + epsilon);
    });
  }

  void adam_step(std::size_t array, T* w, const T* g, arma::uword n) {
    arma::Mat<T> direction = rotated_.view(n, 1);
    adam_direction(array, g, n, direction.memptr());
    move(w, direction, T(1));
  }

  void rotated_step(std::size_t array, T* w, const arma::Mat<T>& G) {
    const arma::uword l = this->layer_of(array);
    arma::Mat<T> direction = rotated_.view(G.n_rows, G.n_cols);
    copy(G, direction);
    rotate(l, Op::transpose, direction);
    adam_direction(array, direction.memptr(), direction.n_elem, direction.memptr());
    rotate(l, Op::none, direction);
    move(w, direction, T(1 - rate_ * p_.batch.mu));
  }

  /// w <- keep (w - step direction).
  void move(T* w, const arma::Mat<T>& direction, T keep) {
    const T step = T(step_);
    for_range(direction.n_elem, reads(w, direction), writes(w),
              [=, d = direction.memptr()](std::size_t i) { w[i] = keep * (w[i] - step * d[i]); });
  }

  /// L and R take in this gradient; where a new basis is due m goes through the old one into the new.
  void update_preconditioner(std::size_t array, const arma::Mat<T>& G) {
    const arma::uword l = this->layer_of(array);
    SoapSide<T>& left = left_[l - 1];
    SoapSide<T>& right = right_[l - 1];
    const double keep = p_.beta_shampoo.value_or(p_.beta2);
    if (left.rotated) gemm(Op::none, Op::transpose, T(1 - keep), G, G, T(keep), left.gram);
    if (right.rotated) gemm(Op::transpose, Op::none, T(1 - keep), G, G, T(keep), right.gram);
    const bool due = started_ && updates_ % p_.refresh == 0;
    if (started_ && !due) return;
    arma::Mat<T> m(m_[array].data(), G.n_rows, G.n_cols, false, true);
    arma::Mat<T> v(v_[array].data(), G.n_rows, G.n_cols, false, true);
    const InnerIteration counting;  // once in `refresh` updates
    if (due) rotate(l, Op::none, m);
    for (SoapSide<T>* side : {&left, &right}) {
      if (!side->rotated) continue;
      if (due) {
        follow_basis(*side, v, side == &left);
      } else {
        first_basis(*side);
      }
    }
    if (due) rotate(l, Op::transpose, m);
  }

  /// Eigenvectors, largest eigenvalue first.
  void first_basis(SoapSide<T>& side) {
    const arma::uword n = side.gram.n_rows;
    arma::Mat<T> vectors = square_.view(n, n);
    copy(side.gram, vectors);
    arma::Col<T> values(values_.memptr(), n, false, true);
    eigen_(vectors, values);
    for (arma::uword j = 0; j < n; ++j) std::copy_n(vectors.colptr(n - 1 - j), n, side.basis.colptr(j));
  }

  /// One step of orthogonal iteration from the old basis, its columns and v's lines first sorted.
  void follow_basis(SoapSide<T>& side, arma::Mat<T>& v, bool rows) {
    const arma::uword n = side.gram.n_rows;
    arma::Mat<T> product = square_.view(n, n);
    gemm(Op::none, Op::none, T(1), side.gram, side.basis, T(0), product);
    for (arma::uword j = 0; j < n; ++j) {
      double quotient = 0;
      for (arma::uword i = 0; i < n; ++i)
        quotient += static_cast<double>(side.basis(i, j)) * static_cast<double>(product(i, j));
      values_[j] = static_cast<T>(quotient);
      order_[j] = j;
    }
    std::sort(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(n),
              [&](arma::uword a, arma::uword b) {
                return values_[a] > values_[b] || (values_[a] == values_[b] && a < b);
              });
    for (arma::uword j = 0; j < n; ++j) std::copy_n(product.colptr(order_[j]), n, side.basis.colptr(j));
    orthonormal_(side.basis);
    arma::Mat<T> sorted = half_.view(v.n_rows, v.n_cols);
    for (arma::uword j = 0; j < v.n_cols; ++j) {
      for (arma::uword i = 0; i < v.n_rows; ++i) sorted(i, j) = rows ? v(order_[i], j) : v(i, order_[j]);
    }
    copy(sorted, v);
  }

  SoapParameters p_;
  bool started_ = false;
  long updates_ = 0;
  double rate_ = 0;
  double step_ = 0;
  Moments<T> m_;
  Moments<T> v_;
  std::vector<SoapSide<T>> left_, right_;  ///< of W_l; index l-1
  Buffer<T> rotated_, half_;               ///< the largest W_l
  Buffer<T> square_;                       ///< the largest rotated side, squared
  SymmetricEigen<T> eigen_;
  Orthonormalizer<T> orthonormal_;
  arma::Col<T> values_;
  std::vector<arma::uword> order_;
};

namespace {

/// Every update: into the basis and back, G G^T and G^T G. New bases are counted apart: they come once in `refresh` updates.
MethodCost cost(const CostShape& s, const CostOptions& o) {
  MethodCost cost = first_order_cost(s, o, 8, 2);
  double entries = 0;
  double squares = 0;
  double side = 0;
  for (std::size_t l = 1; l <= s.layers(); ++l) {
    const double r = s.n(l);
    const double c = s.n(l - 1);
    IterationCost update = 2 * (matrix_product(r, c, r) + matrix_product(r, c, c)) +
                           matrix_product(r, r, c, true) + matrix_product(c, c, r, true);
    // The rotated gradient is a copy, and the step a pass of its own; the biases', too.
    update += entry_passes(3 * r * c + r);
    cost.iteration += s.batches() * update;
    entries = std::max(entries, r * c);
    squares += 2 * (r * r + c * c);
    side = std::max({side, r, c});
  }
  cost.memory.state += s.entry_bytes * squares;
  cost.memory.workspace += s.entry_bytes * (2 * entries + side * side + 2 * side * side + 66 * side);
  return cost;
}

const RegisterSolver<SoapParameters, Soap> registered(
    "soap", "baseline: SOAP, Adam in the eigenbasis of Shampoo's preconditioner",
    "Vyas, Morwani, Zhao, Kwun, Shapira, Brandfonbrener, Janson, Kakade, ICLR 2025; "
    "github.com/nikhilvyas/SOAP, a1e5535",
    {{"released",
      "the released code's defaults: 3e-3, betas 0.95, weight decay 0.01, new bases every 10 updates; "
      "batches of 128",
      [](SoapParameters& p) { p.batch.batch_size = 128; }}},
    {cost, true});

}  // namespace

}  // namespace admmbench
