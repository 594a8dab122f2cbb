/// K-FAC (Martens, Grosse, ICML 2015) as in github.com/gpauloski/kfac-pytorch, eigendecomposed. With At = [a_{l-1}; 1] and g = d
/// loss/d z_l of a sample, means E over the batch:
///   A <- keep A + (1 - keep) E[At At^T],   G <- keep G + (1 - keep) E[g g^T],   both I at first
///   A = QA dA QA^T,  G = QG dG QG^T,   P = QG ((QG^T D QA) / (dG dA^T + damping)) QA^T,   D = E[g At^T] the gradient of [W b]
///   P <- P min(1, sqrt(kl_clip / sum_l h^2 <P, D>))
///   V <- momentum V + P + mu W (P + mu W at first),   [W b] <- [W b] - h V
/// `fisher`: g of labels drawn from the network's own distribution (the Fisher matrix: softmax of z_L, for the squared loss the normal
/// one around z_L), or of the true labels (the empirical Fisher matrix, the released code's).

#include <algorithm>
#include <cmath>

#include "baselines/first_order.hpp"
#include "baselines/layer_pass.hpp"
#include "core/compute/buffer.hpp"
#include "core/compute/eigen.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "core/compute/rng.hpp"

namespace admmbench {

struct KfacParameters {
  enum class Fisher { sampled, empirical };

  double learning_rate = 0.1;
  double momentum = 0.9;
  double damping = 1e-3;
  double kl_clip = 1e-3;
  double keep = 0.95;
  Fisher fisher = Fisher::sampled;
  long observe = 10;
  long refresh = 100;
  BatchParameters batch;

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "step length");
    v.real("momentum", momentum, below_one, "momentum of the preconditioned gradients");
    v.real("damping", damping, positive, "added to the products of eigenvalues");
    v.real("kl_clip", kl_clip, positive, "bound of the step in the metric, sum_l h^2 <P, D>");
    v.real("keep", keep, below_one, "decay of the factors A and G");
    v.choice("fisher", fisher, {"sampled", "empirical"},
             "labels of G's gradients: drawn from the network, or the true ones");
    v.integer("observe", observe, at_least_one, "updates between contributions to the factors");
    v.integer("refresh", refresh, at_least_one, "updates between eigendecompositions");
    v.real("mu", batch.mu, non_negative, "weight decay, mu W added to P (weights only, not biases)");
    batch.visit_batches(v);
  }
};

/// A running factor and its eigendecomposition.
template <class T>
struct KfacFactor {
  arma::Mat<T> mean;     ///< A or G
  arma::Mat<T> vectors;  ///< QA or QG
  arma::Col<T> values;   ///< dA or dG

  template <class Archive>
  void archive(Archive& a) {
    a(mean, vectors, values);
  }

  void reserve(arma::uword n) {
    mean.eye(n, n);
    vectors.eye(n, n);
    values.ones(n);
  }
};

template <class T>
class Kfac final : public FirstOrder<T> {
 public:
  explicit Kfac(const KfacParameters& p) : FirstOrder<T>(p.batch.without_decay()), p_(p) {}
  bool shares_samples() const override { return false; }

  void visit_state(StateVisitor<T>& visitor) const override {
    FirstOrder<T>::visit_state(visitor);
    for (arma::uword l = 1; l <= A_.size(); ++l) {
      visitor.matrix(layer_name("A", l), A_[l - 1].mean);
      visitor.matrix(layer_name("G", l), G_[l - 1].mean);
      visitor.matrix(layer_name("QA", l), A_[l - 1].vectors);
      visitor.matrix(layer_name("QG", l), G_[l - 1].vectors);
      visitor.vector(layer_name("dA", l), A_[l - 1].values);
      visitor.vector(layer_name("dG", l), G_[l - 1].values);
    }
    visit_moments(visitor, "V", V_);
  }

 protected:
  using FirstOrder<T>::problem;

  void start(Network<T> initial, std::uint64_t seed) override {
    constexpr std::uint64_t label_stream = 0x6b666163;
    labels_.emplace(seed, label_stream);
    FirstOrder<T>::start(std::move(initial), seed);
  }

  void reserve(const std::vector<arma::uword>& sizes) override {
    reserve_moments(V_, sizes);
    const std::vector<arma::uword>& n = problem().widths;
    A_.assign(L(), {});
    G_.assign(L(), {});
    D_.clear();
    P_.clear();
    arma::uword side = 0;
    arma::uword largest = 0;
    for (arma::uword l = 1; l <= L(); ++l) {
      A_[l - 1].reserve(n[l - 1] + 1);
      G_[l - 1].reserve(n[l]);
      D_.emplace_back(n[l], n[l - 1] + 1, arma::fill::zeros);
      P_.emplace_back(n[l], n[l - 1] + 1, arma::fill::zeros);
      side = std::max({side, n[l - 1] + 1, n[l]});
      largest = std::max(largest, D_.back().n_elem);
    }
    half_.reserve(largest);
    square_.reserve(side * side);
    eigen_.reserve(side);
    pass_.reserve(n, this->batches().size());
  }

  void update_from(const arma::Mat<T>& x, const arma::Mat<T>& targets) override {
    const Network<T>& network = this->weights();
    pass_.forward(network, problem().activation, x);
    arma::Mat<T> top = pass_.delta(L());
    loss_gradient(problem().loss, pass_.z(L()), targets, T(1), top);
    pass_.backward(network, problem().activation);
    form_gradients();
    this->next_update();
    update_factors();
    const double clip = precondition();
    for (arma::uword l = 1; l <= L(); ++l) {
      P_[l - 1] *= static_cast<T>(clip);
      const arma::uword weights = network.W[l - 1].n_elem;
      update(2 * (l - 1), this->weights().W[l - 1].memptr(), P_[l - 1].memptr(), weights);
      update(2 * (l - 1) + 1, this->weights().b[l - 1].memptr(), P_[l - 1].memptr() + weights,
             network.b[l - 1].n_elem);
    }
  }

  void begin_update(long t, double factor) override {
    t_ = t;
    rate_ = p_.learning_rate * factor;
  }

  /// PyTorch's SGD with momentum.
  void update(std::size_t array, T* w, const T* g, arma::uword n) override {
    T* v = V_[array].data();
    const T keep = t_ == 1 ? T(0) : T(p_.momentum);
    const T mu = this->is_weight(array) ? T(p_.batch.mu) : T(0);
    const T rate = T(rate_);
    for_range(n, reads(w, g, v), writes(w, v), [=](std::size_t i) {
      v[i] = keep * v[i] + g[i] + mu * w[i];
      w[i] -= rate * v[i];
    });
  }

  void archive_moments(StateArchive& archive) override { archive(A_, G_, V_, *labels_); }

 private:
  arma::uword L() const { return problem().layers(); }

  /// D_l = (1/B) [delta_l a_{l-1}^T, delta_l 1].
  void form_gradients() {
    const T share = static_cast<T>(1 / static_cast<double>(pass_.columns()));
    for (arma::uword l = 1; l <= L(); ++l) {
      arma::Mat<T>& D = D_[l - 1];
      const arma::Mat<T> delta = pass_.delta(l);
      arma::Mat<T> W(D.memptr(), D.n_rows, D.n_cols - 1, false, true);
      gemm(Op::none, Op::transpose, share, delta, pass_.a(l - 1), T(0), W);
      arma::Col<T> b(D.colptr(D.n_cols - 1), D.n_rows, false, true);
      row_means(delta, b);
    }
  }

  /// mean <- (1/B) A 1.
  void row_means(const arma::Mat<T>& A, arma::Col<T>& mean) {
    row_sums(A, mean);
    mean *= static_cast<T>(1 / static_cast<double>(A.n_cols));
  }

  /// A, G and their eigendecompositions, where they are due. Overwrites delta with that of sampled labels.
  void update_factors() {
    const InnerIteration counting;  // not in every update
    if ((t_ - 1) % p_.observe == 0) {
      if (p_.fisher == KfacParameters::Fisher::sampled) {
        sample_top();
        pass_.backward(this->weights(), problem().activation);
      }
      for (arma::uword l = 1; l <= L(); ++l) {
        observe_inputs(pass_.a(l - 1), A_[l - 1].mean);
        const T share = static_cast<T>((1 - p_.keep) / static_cast<double>(pass_.columns()));
        gemm(Op::none, Op::transpose, share, pass_.delta(l), pass_.delta(l), T(p_.keep), G_[l - 1].mean);
      }
    }
    if ((t_ - 1) % p_.refresh != 0) return;
    for (arma::uword l = 0; l < L(); ++l) {
      for (KfacFactor<T>* factor : {&A_[l], &G_[l]}) {
        copy(factor->mean, factor->vectors);
        eigen_(factor->vectors, factor->values);
        for (T& value : factor->values) value = std::max(value, T(0));
      }
    }
  }

  /// mean <- keep mean + (1 - keep) (1/B) [a; 1] [a; 1]^T.
  void observe_inputs(const arma::Mat<T>& a, arma::Mat<T>& mean) {
    const arma::uword n = a.n_rows;
    arma::Mat<T> gram = square_.view(n, n);
    const T rest = T(1 - p_.keep);
    const T keep = T(p_.keep);
    gemm(Op::none, Op::transpose, static_cast<T>((1 - p_.keep) / static_cast<double>(a.n_cols)), a, a, T(0),
         gram);
    count_pass(reads(gram, gram), writes(gram));
    for (arma::uword j = 0; j < n; ++j) {
      for (arma::uword i = 0; i < n; ++i) mean(i, j) = keep * mean(i, j) + gram(i, j);
    }
    arma::Col<T> column(gram.memptr(), n, false, true);
    row_means(a, column);
    for (arma::uword i = 0; i < n; ++i) mean(i, n) = mean(n, i) = keep * mean(n, i) + rest * column[i];
    mean(n, n) = keep * mean(n, n) + rest;
  }

  /// delta_L <- gradient of the loss of a label drawn for every sample from the network's distribution.
  void sample_top() {
    arma::Mat<T> top = pass_.delta(L());
    const arma::Mat<T> z = pass_.z(L());
    if (problem().loss == Loss::squared) {
      for (T& value : top) value = static_cast<T>(-labels_->normal());
      return;
    }
    for (arma::uword n = 0; n < top.n_cols; ++n) {
      T* p = top.colptr(n);
      const T* z_n = z.colptr(n);
      const double peak = static_cast<double>(*std::max_element(z_n, z_n + z.n_rows));
      double sum = 0;
      for (arma::uword c = 0; c < z.n_rows; ++c) sum += std::exp(static_cast<double>(z_n[c]) - peak);
      double left = labels_->uniform() * sum;
      arma::uword drawn = z.n_rows - 1;
      for (arma::uword c = 0; c < z.n_rows; ++c) {
        const double e = std::exp(static_cast<double>(z_n[c]) - peak);
        p[c] = static_cast<T>(e / sum);
        if (left >= 0 && left < e) drawn = c;
        left -= e;
      }
      p[drawn] -= T(1);
    }
  }

  /// P_l from D_l, all of them; returns the factor of kl_clip.
  double precondition() {
    double size = 0;
    for (arma::uword l = 0; l < L(); ++l) {
      const arma::Mat<T>& D = D_[l];
      arma::Mat<T>& P = P_[l];
      arma::Mat<T> half = half_.view(D.n_rows, D.n_cols);
      gemm(Op::transpose, Op::none, T(1), G_[l].vectors, D, T(0), half);
      gemm(Op::none, Op::none, T(1), half, A_[l].vectors, T(0), P);
      for_panels(reads(P), writes(P),
                 [rows = P.n_rows, damping = T(p_.damping), p = P.memptr(), dG = G_[l].values.memptr(),
                  dA = A_[l].values.memptr()](std::size_t first, std::size_t last) {
                   for (std::size_t j = first; j < last; ++j) {
#pragma omp simd
                     for (std::size_t i = 0; i < rows; ++i) p[j * rows + i] /= dG[i] * dA[j] + damping;
                   }
                 });
      gemm(Op::none, Op::none, T(1), G_[l].vectors, P, T(0), half);
      gemm(Op::none, Op::transpose, T(1), half, A_[l].vectors, T(0), P);
      size += rate_ * rate_ * inner(P, D);
    }
    return size == 0 ? 1 : std::min(1.0, std::sqrt(p_.kl_clip / std::abs(size)));
  }

  KfacParameters p_;
  long t_ = 0;
  double rate_ = 0;
  std::vector<KfacFactor<T>> A_, G_;  ///< index l-1
  std::vector<arma::Mat<T>> D_, P_;   ///< n_l x (n_{l-1} + 1)
  Moments<T> V_;
  LayerPass<T> pass_;
  std::optional<Rng> labels_;
  Buffer<T> half_, square_;
  SymmetricEigen<T> eigen_;
};

namespace {

/// Gradients as all methods', four products with the eigenbases and the step. Factors and eigendecompositions are counted apart: they
/// come once in `observe` and `refresh` updates.
MethodCost cost(const CostShape& s, const CostOptions& o) {
  MethodCost cost = first_order_cost(s, o, 5, 1);
  const std::size_t L = s.layers();
  const double batches = s.batches();
  double largest = 0;
  double side = 0;
  double factors = 0;
  double joint = 0;
  for (std::size_t l = 1; l <= L; ++l) {
    const double r = s.n(l);
    const double c = s.n(l - 1) + 1;
    IterationCost update =
        2 * (matrix_product(r, c, r) + matrix_product(r, c, c)) + entry_passes((2 + 2) * r * c);
    cost.iteration += batches * update;
    largest = std::max(largest, r * c);
    side = std::max({side, r, c});
    factors += 2 * (r * r + c * c);
    joint += 2 * r * c;
  }
  const double per_sample = s.batch_size() / s.samples;
  cost.memory.state += s.entry_bytes * factors;
  cost.memory.workspace +=
      s.entry_bytes * (joint + largest + side * side + 2 * side * side + 66 * side +
                       per_sample * LayerPass<double>::entries(s.outputs(), s.hidden_outputs()));
  return cost;
}

const RegisterSolver<KfacParameters, Kfac> registered(
    "kfac", "baseline: K-FAC, gradients in the metric of Kronecker-factored curvature",
    "Martens, Grosse, ICML 2015, arXiv 1503.05671; github.com/gpauloski/kfac-pytorch, 869cf11",
    {{"released",
      "the released code's defaults: empirical factors and eigendecompositions in every update; batches of "
      "128",
      [](KfacParameters& p) {
        p.fisher = KfacParameters::Fisher::empirical;
        p.observe = p.refresh = 1;
        p.batch.batch_size = 128;
      }}},
    {cost, true});

}  // namespace

}  // namespace admmbench
