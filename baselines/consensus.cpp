#include "baselines/consensus.hpp"

#include <algorithm>
#include <cmath>

#include "baselines/newton_schulz.hpp"
#include "core/compute/buffer.hpp"

namespace admmbench {

struct BadmParameters : ConsensusParameters {
  double rho = 10;

  void visit(ParameterVisitor& v) {
    v.real("rho", rho, non_negative, "proximal weight of the workers' linearised losses");
    visit_consensus(v);
  }
};

/// c_s = rho + sigma.
template <class T>
class Badm final : public Consensus<T> {
 public:
  explicit Badm(const BadmParameters& p) : Consensus<T>(p), c_(p.rho + p.sigma) {}

 protected:
  void local_direction(std::size_t /*s*/, std::size_t /*array*/, long /*t*/, const T* pi, T* g,
                       arma::uword n) override {
    const T inverse = static_cast<T>(1 / c_);
    for_range(n, reads(g, pi), writes(g), [=](std::size_t i) { g[i] = inverse * (g[i] + pi[i]); });
  }

 private:
  double c_;
};

struct SisaParameters : ConsensusParameters {
  double rho = 1e3;
  double beta = 0.999;
  double epsilon = 1e-8;

  SisaParameters() {
    sigma = 1.5;
    lambda = 1e-3;
  }

  void visit(ParameterVisitor& v) {
    v.real("rho", rho, non_negative, "weight of the root of the second moment in a worker's metric");
    v.real("beta", beta, below_one, "decay of the second moment of g_s + pi_s");
    v.real("epsilon", epsilon, positive, "added to the root");
    visit_consensus(v);
  }
};

/// c_s = sigma + rho (sqrt(v_s / (1 - beta^t)) + epsilon),  v_s <- beta v_s + (1 - beta) (g_s + pi_s)^2.
template <class T>
class Sisa final : public Consensus<T> {
 public:
  explicit Sisa(const SisaParameters& p) : Consensus<T>(p), p_(p) {}

  void visit_state(StateVisitor<T>& visitor) const override {
    Consensus<T>::visit_state(visitor);
    for (std::size_t s = 0; s < v_.size(); ++s) visit_moments(visitor, fmt::format("v{}_", s + 1), v_[s]);
  }

 protected:
  void reserve(const std::vector<arma::uword>& sizes) override {
    Consensus<T>::reserve(sizes);
    v_.assign(static_cast<std::size_t>(p_.workers), {});
    for (Moments<T>& v : v_) reserve_moments(v, sizes);
  }

  void local_direction(std::size_t s, std::size_t array, long t, const T* pi, T* g, arma::uword n) override {
    T* v = v_[s][array].data();
    const T beta = T(p_.beta);
    const T rest = T(1 - p_.beta);
    const T correction = T(1 / std::sqrt(1 - std::pow(p_.beta, static_cast<double>(t))));
    const T sigma = T(p_.sigma);
    const T rho = T(p_.rho);
    const T epsilon = T(p_.epsilon);
    for_range(n, reads(g, pi, v), writes(g, v), [=](std::size_t i) {
      const T q = g[i] + pi[i];
      v[i] = beta * v[i] + rest * q * q;
      g[i] = q / (sigma + rho * (std::sqrt(v[i]) * correction + epsilon));
    });
  }

  void archive_moments(StateArchive& archive) override {
    Consensus<T>::archive_moments(archive);
    archive(v_);
  }

 private:
  SisaParameters p_;
  std::vector<Moments<T>> v_;  ///< per worker
};

struct NsisaParameters : ConsensusParameters {
  double rho = 100;
  double beta1 = 0.95;
  double epsilon = 1e-8;

  NsisaParameters() { sigma = 80; }

  void visit(ParameterVisitor& v) {
    v.real("rho", rho, non_negative, "weight of |g_s + pi_s| in a worker's metric");
    v.real("beta1", beta1, below_one, "decay of the momentum that is orthogonalised");
    v.real("epsilon", epsilon, positive, "added to |g_s + pi_s|");
    visit_consensus(v);
  }
};

/// M_s <- beta1 M_s + g_s and g_s <- sqrt(max(1, rows/columns)) NS5(g_s + beta1 M_s) for matrices; biases keep g_s.
/// c_s = sigma + rho (|g_s + pi_s| + epsilon).
template <class T>
class Nsisa final : public Consensus<T> {
 public:
  explicit Nsisa(const NsisaParameters& p) : Consensus<T>(p), p_(p) {}

  void visit_state(StateVisitor<T>& visitor) const override {
    Consensus<T>::visit_state(visitor);
    for (std::size_t s = 0; s < m_.size(); ++s) visit_moments(visitor, fmt::format("m{}_", s + 1), m_[s]);
  }

 protected:
  using FirstOrder<T>::problem;

  void reserve(const std::vector<arma::uword>& sizes) override {
    Consensus<T>::reserve(sizes);
    m_.assign(static_cast<std::size_t>(p_.workers), Moments<T>(sizes.size()));
    for (std::size_t array = 0; array < sizes.size(); array += 2) {
      for (Moments<T>& m : m_) m[array].assign(sizes[array], T(0));
      const arma::uword l = this->layer_of(array);
      orthogonalise_.reserve(problem().widths[l], problem().widths[l - 1]);
    }
  }

  void local_direction(std::size_t s, std::size_t array, long /*t*/, const T* pi, T* g,
                       arma::uword n) override {
    T scale = 1;
    if (this->is_weight(array)) {
      T* m = m_[s][array].data();
      const T beta = T(p_.beta1);
      for_range(n, reads(g, m), writes(g, m), [=](std::size_t i) {
        m[i] = beta * m[i] + g[i];
        g[i] += beta * m[i];
      });
      const arma::uword rows = problem().widths[this->layer_of(array)];
      const arma::uword columns = problem().widths[this->layer_of(array) - 1];
      arma::Mat<T> G(g, rows, columns, false, true);
      orthogonalise_(G);
      scale = T(std::sqrt(std::max(1.0, static_cast<double>(rows) / static_cast<double>(columns))));
    }
    const T sigma = T(p_.sigma);
    const T rho = T(p_.rho);
    const T epsilon = T(p_.epsilon);
    for_range(n, reads(g, pi), writes(g), [=](std::size_t i) {
      const T q = scale * g[i] + pi[i];
      g[i] = q / (sigma + rho * (std::abs(q) + epsilon));
    });
  }

  void archive_moments(StateArchive& archive) override {
    Consensus<T>::archive_moments(archive);
    archive(m_);
  }

 private:
  NsisaParameters p_;
  std::vector<Moments<T>> m_;  ///< per worker, of the W_l alone
  NewtonSchulz<T> orthogonalise_;
};

MethodCost consensus_cost(const CostShape& s, const CostOptions& o, double local, double state) {
  constexpr double workers = 4;
  MethodCost cost = first_order_cost(s, o, 0, 0);
  const double batches = s.batches();
  for (std::size_t l = 1; l <= s.layers(); ++l) {
    // The weights are operands of every part's products.
    const double times = (l == 1 ? 2 : 3) * (workers - 1) * batches;
    cost.iteration.products += times;
    cost.iteration.product_entries += times * s.w(l);
    cost.iteration += entry_passes(batches * (workers * (local + 6) + 2) * (s.w(l) + s.n(l)));
  }
  cost.memory.state += s.entry_bytes * (workers * state) * s.parameters();
  cost.memory.workspace += s.entry_bytes * s.parameters();
  return cost;
}

namespace {

MethodCost nsisa_cost(const CostShape& s, const CostOptions& o) {
  constexpr double workers = 4;
  MethodCost cost = consensus_cost(s, o, 3, 2);
  double largest = 0;
  double side = 0;
  for (std::size_t l = 1; l <= s.layers(); ++l) {
    IterationCost each = newton_schulz_cost(s.n(l), s.n(l - 1));
    each += entry_passes(4 * s.w(l));  // momentum
    cost.iteration += workers * s.batches() * each;
    cost.memory.state -= s.entry_bytes * workers * s.n(l);
    largest = std::max(largest, s.w(l));
    side = std::max(side, std::min(s.n(l), s.n(l - 1)));
  }
  cost.memory.workspace += s.entry_bytes * newton_schulz_entries(largest, side);
  return cost;
}

const char* const pisa =
    "Zhou, Wang, Luo, Zhu, Li: PISA, Nature Machine Intelligence 2026, arXiv 2502.10784; "
    "github.com/Tracy-Wang7/PISA, 2752354";

const RegisterSolver<BadmParameters, Badm> badm(
    "badm", "batch ADMM with back-propagated gradients: a gradient method in ADMM's clothing",
    "Wang, Zhou, Li: BADM, arXiv 2407.01640", {},
    {[](const CostShape& s, const CostOptions& o) { return consensus_cost(s, o, 3, 1); }, true});

const RegisterSolver<SisaParameters, Sisa> sisa(
    "sisa", "consensus ADMM with back-propagated gradients and an adaptive metric (second moment)", pisa,
    {{"released", "the released code's defaults: sigma 1.5, rho 1000, lambda 0.001; batches of 64",
      [](SisaParameters& p) { p.batch.batch_size = 64; }},
     {"a9a",
      "the released code's settings on a9a: sigma 1000, rho 100, lambda 0.05, 4 workers, batches of 64",
      [](SisaParameters& p) {
        p.sigma = 1e3;
        p.rho = 100;
        p.lambda = 5e-2;
        p.batch.batch_size = 64;
      }}},
    {[](const CostShape& s, const CostOptions& o) { return consensus_cost(s, o, 5, 2); }, true});

const RegisterSolver<NsisaParameters, Nsisa> nsisa(
    "nsisa", "consensus ADMM with back-propagated, orthogonalised gradients", pisa,
    {{"released", "the released code's settings for NanoGPT: sigma 80, rho 100, momentum 0.95; batches of 64",
      [](NsisaParameters& p) { p.batch.batch_size = 64; }}},
    {nsisa_cost, true});

}  // namespace

}  // namespace admmbench
