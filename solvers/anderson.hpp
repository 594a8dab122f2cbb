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
/// Where processes share the samples the vectors are cut, too: each has the entries of its own samples, and all have the weights, which
/// one of them counts. Every one reduces its rows; the triangles, gathered by one sum, are reduced in the same order by all. Two more
/// sums a pair, of what is not finite.
///
/// Whatever refuses a candidate (not finite, no rank, weight cap, the caller's safeguard) clears the history and is
/// counted by its cause.

#include <armadillo>
#include <span>
#include <vector>

#include "core/parallel/sample_sum.hpp"
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

/// Successive entries of the vectors.
struct AndersonPart {
  std::size_t begin = 0;
  std::size_t size = 0;
  std::size_t per_sample = 0;  ///< so many belong to each sample; 0: weights, which all processes have
};

template <class T>
class Anderson {
 public:
  /// Sizes all memory for vectors of `size` entries; apply() allocates nothing. `parts`: what the vectors consist of; none: of what all
  /// processes have.
  void initialize(const AndersonOptions& options, std::size_t size, std::vector<AndersonPart> parts = {},
                  const SampleSum& sum = {});

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
    a(statistics_, calls_, has_pair_, filled_, next_, adaptive_);
    for (arma::Mat<T>* differences : {&dF_, &dG_}) {
      for (arma::uword j = 0; j < differences->n_cols; ++j) archive_parts(a, differences->colptr(j));
    }
    if (f_.empty()) return;
    archive_parts(a, f_.data());
    archive_parts(a, g_.data());
  }
  /// A vector of the caller's.
  template <class Archive>
  void archive_parts(Archive& a, T* vector) const {
    for (const AndersonPart& part : parts_) {
      const std::size_t rows = part.per_sample == 0 ? part.size : part.per_sample;
      arma::Mat<T> values(vector + part.begin, rows, part.size / rows, false, true);
      if (part.per_sample == 0) {
        a(values);
      } else {
        a.columns(values);
      }
    }
  }

 private:
  bool take_pair(std::span<const T> x, std::span<const T> g);
  void reduce();
  void reduce_rows(arma::uword width, arma::uword rows);
  void reduce_over_processes(arma::uword width);
  void count_weights_once(arma::uword begin, arma::uword rows, arma::uword width);
  bool solve();
  bool refuse(long& cause);
  bool uses_X() const {
    return options_.type == AndersonOptions::Type::one || options_.scale == AndersonOptions::Scale::product;
  }

  AndersonOptions options_;
  SampleSum sum_;
  std::vector<AndersonPart> parts_;
  std::vector<double> triangles_;  ///< of all processes
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
