#pragma once
/// Anderson acceleration of a fixed-point map x -> G(x) on vectors, for use around any iterative method
/// (Walker, Ni, SIAM J. Numer. Anal. 49, 2011; Fang, Saad, Numer. Linear Algebra Appl. 16, 2009; the numerics follow
/// O'Donoghue's SCS, src/aa.c).
///
/// Symbol        Shape   Here             Meaning
/// n, m          -       size_, columns_  unknowns; memory, at most n
/// x_k, G_k      n       x, g             a point and its image under the map
/// f_k           n       f_               G_k - x_k
/// F             n x m   dF_              differences f_k - f_{k-1} of successive pairs (any order of columns)
/// G             n x m   dG_              differences G_k - G_{k-1}, same columns;  X = G - F are those of x
/// D             m       scale_           1/||F_j||: the least-squares problem is solved for gamma' = gamma / D
/// r             -       r                Tikhonov weight on gamma'
/// gamma         m       gamma_           x_{k+1} = G_k - G gamma
///
///   type II   gamma = argmin ||f_k - F gamma||^2 + r ||gamma'||^2
///   type I    (X^T F + r I) gamma = X^T f_k    (columns scaled by D)
///
/// Neither F^T F nor X^T F is formed, which would square the condition number: one orthogonal reduction, by blocks of
/// rows that stay in the cache, turns [F f] (type I: [X F f]) into a triangle with the same inner products, and LAPACK's
/// pivoted QR (geqp3) solves the stacked system [F D; sqrt(r) I]. Columns with a pivot below m eps |R_11| are dropped.
///
/// Whatever refuses a candidate (not finite, no rank, weight cap, the caller's safeguard) clears the history and is
/// counted by its cause.

#include <armadillo>
#include <span>
#include <vector>

#include "core/parameters.hpp"

namespace admmbench {

struct AndersonOptions {
  enum class Type { one, two };
  enum class Scale { square, product, absolute, adaptive };

  long memory = 8;  ///< m; 0 turns acceleration off
  Type type = Type::two;
  Scale scale = Scale::square;
  double value = 1e-10;      ///< of the mean diagonal (square)
  long interval = 1;         ///< use every so manieth pair only; pairs are then sampled that far apart
  long min_length = 1;       ///< columns needed before the first candidate
  double weight_cap = 1e10;  ///< SCS's value: nearly never binds

  void visit(ParameterVisitor& v);
};

/// Counters of the object's life: neither reset() nor initialize() touches them.
struct AndersonStatistics {
  long accepted = 0;
  long rejected_nonfinite = 0;   ///< pair, weights or candidate not finite
  long rejected_rank = 0;        ///< no usable column
  long rejected_weight_cap = 0;  ///< ||gamma|| >= weight_cap
  long rejected_safeguard = 0;   ///< refused by the caller
  long last_rank = 0;            ///< columns used for the last candidate
  double last_weight_norm = 0;   ///< its ||gamma||

  long rejected() const {
    return rejected_nonfinite + rejected_rank + rejected_weight_cap + rejected_safeguard;
  }
  template <class Archive>
  void archive(Archive& a) {
    a(accepted, rejected_nonfinite, rejected_rank, rejected_weight_cap, rejected_safeguard, last_rank,
      last_weight_norm);
  }
};

template <class T>
class Anderson {
 public:
  /// Sizes all memory for vectors of `size` entries; apply() allocates nothing.
  void initialize(const AndersonOptions& options, std::size_t size);

  /// Takes the pair (x, G(x)) into the history. True if `candidate` then holds the accelerated point, about which the
  /// caller must report by safeguard(); otherwise `candidate` is undefined and the next point is G(x).
  bool apply(std::span<const T> x, std::span<const T> g, std::span<T> candidate);

  /// The caller's verdict on the last candidate; a refusal clears the history.
  void safeguard(bool accept);

  /// Forgets every pair: the trajectory that follows is that of a fresh object.
  void reset();

  const AndersonStatistics& statistics() const { return statistics_; }
  /// Differences in the history.
  long length() const { return static_cast<long>(filled_); }

  template <class Archive>
  void archive(Archive& a) {
    a(statistics_, calls_, has_pair_, filled_, next_, adaptive_, dF_, dG_, f_, g_);
  }

 private:
  bool take_pair(std::span<const T> x, std::span<const T> g);
  void reduce();
  bool solve();
  bool refuse(long& cause);
  bool uses_X() const {
    return options_.type == AndersonOptions::Type::one || options_.scale == AndersonOptions::Scale::product;
  }

  AndersonOptions options_;
  AndersonStatistics statistics_;
  arma::uword size_ = 0;
  arma::uword columns_ = 0;  ///< min(m, n)

  long calls_ = 0;  ///< of apply() since reset()
  bool has_pair_ = false;
  arma::uword filled_ = 0;
  arma::uword next_ = 0;  ///< column that the next difference goes to
  double adaptive_ = 1;   ///< scale adaptive: factor on r

  arma::Mat<T> dF_, dG_;       ///< n x m
  std::vector<T> f_, g_;       ///< f and G of the last pair
  std::vector<double> gamma_;  ///< m

  // The small problem is solved in double for either T. Column-major.
  arma::mat panel_;    ///< a triangle above a block of rows of [F f] or [X F f]
  arma::mat stacked_;  ///< [A D; sqrt(r) I], A = F or X; then Q
  std::vector<double> scale_, ridge_, triangle_, rhs_, tau_, work_;
  std::vector<arma::blas_int> pivots_, swaps_;
};

}  // namespace admmbench
