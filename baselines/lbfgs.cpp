/// Full-batch L-BFGS with a strong Wolfe line search, PyTorch's torch.optim.LBFGS (Nocedal, Wright: Numerical Optimization, Algorithm
/// 7.4). One iteration is one accepted step; every evaluation of F and its gradient is counted, as a pass.
///   d = -H g by the two-loop recursion over the last m pairs s = w_k - w_{k-1}, y = g_k - g_{k-1} with y^T s > 1e-10,
///   H_0 = (s^T y / y^T y) I of the newest;   t = learning_rate, at first min(1, 1/||g||_1) learning_rate;   w <- w + t d

#include <cmath>

#include "baselines/first_order.hpp"
#include "baselines/strong_wolfe.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "core/problem/backprop.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

struct LbfgsParameters {
  enum class Search { strong_wolfe, none };

  double learning_rate = 1;
  long history = 10;
  Search line_search = Search::strong_wolfe;
  double mu = 0;
  InitialWeights weights = InitialWeights::gaussian;

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "first step length that is tried");
    v.integer("history", history, at_least_one, "pairs (s, y) that are kept");
    v.choice("line_search", line_search, {"strong_wolfe", "none"},
             "none: every step is learning_rate d, as PyTorch does by default");
    v.real("mu", mu, non_negative, "weight decay (mu/2)||W||^2 (weights only, not biases)");
    visit_initial_weights(v, weights);
  }
};

template <class T>
class Lbfgs final : public Solver<T> {
 public:
  explicit Lbfgs(const LbfgsParameters& p) : p_(p) {}

  bool shares_samples() const override { return true; }

  Network<T> initial_network(const Problem<T>& given, std::uint64_t seed) const override {
    return initial_weights<T>(p_.weights, given.widths, seed);
  }

  void step() override {
    if (iteration_ == 0) {
      const InnerIteration counting;  // once in a run
      value_ = evaluate(0);
      gradient_ = 0;
    } else {
      remember_pair();
    }
    direction();
    const double slope = inner(g(gradient_), d_);
    if (slope > -least_change) return;  // converged
    ++iteration_;
    copy(w_, from_);
    double t = p_.learning_rate;
    if (iteration_ == 1) t *= std::min(1.0, 1 / absolute_sum(g(gradient_)));
    length_ = t;
    copy(g(gradient_), before_);
    if (p_.line_search == LbfgsParameters::Search::none) {
      go_to(t);
      value_ = evaluate(0);
      gradient_ = 0;
      return;
    }
    search(t, slope);
  }

  const Network<T>& network() const override { return network_; }

  /// objective: F; columns: evaluations of F and its gradient so far, step_length the last.
  Diagnostics diagnostics() const override {
    Diagnostics result;
    if (p_.mu != 0 && iteration_ > 0) result.objective = value_;
    result.named = {{"evaluations", static_cast<double>(evaluations_)}, {"step_length", length_}};
    return result;
  }

  void visit_state(StateVisitor<T>& visitor) const override {
    Solver<T>::visit_state(visitor);
    visitor.vector("d", arma::Col<T>(const_cast<T*>(d_.memptr()), d_.n_elem, false, true));
  }

  void archive(StateArchive& archive) override {
    archive(w_, d_, before_, s_, y_, inverse_, oldest_, kept_, scale_, value_, length_, gradient_);
    for (arma::Mat<T>& gradient : g_) archive(gradient);
    archive(iteration_, evaluations_);
  }

 protected:
  using Solver<T>::problem;

  void start(Network<T> initial, std::uint64_t /*seed*/) override {
    sum_ = this->sample_sum();
    arma::uword size = 0;
    for (arma::uword l = 0; l < initial.layers(); ++l) size += initial.W[l].n_elem + initial.b[l].n_elem;
    for (arma::Mat<T>* vector : {&w_, &from_, &d_, &before_}) vector->zeros(size, 1);
    for (arma::Mat<T>& gradient : g_) gradient.zeros(size, 1);
    const auto pairs = static_cast<std::size_t>(p_.history);
    s_.assign(pairs, arma::Mat<T>(size, 1, arma::fill::zeros));
    y_ = s_;
    inverse_.assign(pairs, 0);
    alpha_.assign(pairs, 0);
    network_ = views(initial, w_);
    for (arma::uword l = 0; l < initial.layers(); ++l) {
      std::copy(initial.W[l].begin(), initial.W[l].end(), network_.W[l].begin());
      std::copy(initial.b[l].begin(), initial.b[l].end(), network_.b[l].begin());
    }
    gradients_.clear();
    gradients_.reserve(slots);
    for (arma::Mat<T>& gradient : g_) gradients_.push_back(views(initial, gradient));
    backprop_.reserve(problem().widths, problem().samples());
    oldest_ = kept_ = 0;
    iteration_ = evaluations_ = 0;
    length_ = 0;
    gradient_ = 0;
    // What a line search calls; made once, so that a step allocates nothing.
    trial_ = [this](double t, int slot) {
      const auto at = [&] {
        go_to(t);
        LinePoint point{t, evaluate(slot), 0, slot};
        point.slope = inner(g(slot), d_);
        return point;
      };
      if (first_trial_) {
        first_trial_ = false;
        return at();
      }
      const InnerIteration counting;
      return at();
    };
  }

 private:
  static constexpr int slots = 3;
  static constexpr double least_change = 1e-9;
  static constexpr double least_curvature = 1e-10;

  arma::Mat<T>& g(int slot) { return g_[static_cast<std::size_t>(slot)]; }

  /// A network of the shape of `like` in the memory of `flat`: W_1, b_1, W_2, ...
  static Network<T> views(const Network<T>& like, arma::Mat<T>& flat) {
    Network<T> network;
    network.W.reserve(like.layers());
    network.b.reserve(like.layers());
    T* memory = flat.memptr();
    for (arma::uword l = 0; l < like.layers(); ++l) {
      network.W.emplace_back(memory, like.W[l].n_rows, like.W[l].n_cols, false, true);
      memory += like.W[l].n_elem;
      network.b.emplace_back(memory, like.b[l].n_elem, false, true);
      memory += like.b[l].n_elem;
    }
    return network;
  }

  /// Where processes share the samples each has its part of both, and the rest is done alike by all.
  double evaluate(int slot) {
    ++evaluations_;
    Network<T>& gradient = gradients_[static_cast<std::size_t>(slot)];
    const double mu = sum_.alone() ? p_.mu : 0;
    double value =
        backprop_.value_and_gradient(network_, problem().activation, problem().loss, mu, problem().x(),
                                     problem().targets(), gradient, problem().total_samples());
    if (sum_.alone()) return value;
    sum_.scalars(value);
    sum_(g(slot));
    if (p_.mu == 0) return value;
    for (arma::uword l = 0; l < network_.layers(); ++l) {
      value += 0.5 * p_.mu * norm2(network_.W[l]);
      axpy(static_cast<T>(p_.mu), network_.W[l], gradient.W[l]);
    }
    return value;
  }

  static double absolute_sum(const arma::Mat<T>& v) {
    return sum_entries(reads(v),
                       [v = v.memptr()](std::size_t i) { return std::abs(static_cast<double>(v[i])); });
  }
  static double largest(const arma::Mat<T>& v) {
    double most = 0;
    count_pass(reads(v));
    for (const T value : v) most = std::max(most, std::abs(static_cast<double>(value)));
    return most;
  }

  /// w <- from + t d.
  void go_to(double t) {
    for_entries(reads(from_, d_), writes(w_),
                [t = static_cast<T>(t), w = w_.memptr(), from = from_.memptr(),
                 d = d_.memptr()](std::size_t i) { w[i] = from[i] + t * d[i]; });
  }

  /// The pair of the last step, if its curvature is positive: s = t d, y = g - g before it.
  void remember_pair() {
    const std::size_t m = s_.size();
    const std::size_t place = (oldest_ + kept_) % m;  // the oldest pair's, if all are in use
    arma::Mat<T>& s = s_[place];
    arma::Mat<T>& y = y_[place];
    // Formed beside the history: the oldest pair is to stay if this one is refused.
    const arma::Mat<T>& now = g(gradient_);
    for_entries(reads(now, before_), writes(before_),
                [b = before_.memptr(), now = now.memptr()](std::size_t i) { b[i] = now[i] - b[i]; });
    const double curvature = length_ * inner(before_, d_);
    if (!(curvature > least_curvature)) return;
    for_entries(reads(d_, before_), writes(s, y),
                [t = static_cast<T>(length_), s = s.memptr(), y = y.memptr(), d = d_.memptr(),
                 b = before_.memptr()](std::size_t i) {
                  s[i] = t * d[i];
                  y[i] = b[i];
                });
    inverse_[place] = 1 / curvature;
    scale_ = curvature / norm2(y);
    if (kept_ < m) {
      ++kept_;
    } else {
      oldest_ = (oldest_ + 1) % m;
    }
  }

  /// d <- -H g: the two-loop recursion.
  void direction() {
    const arma::Mat<T>& now = g(gradient_);
    for_entries(reads(now), writes(d_),
                [d = d_.memptr(), now = now.memptr()](std::size_t i) { d[i] = -now[i]; });
    if (kept_ == 0) return;
    const InnerIteration counting;  // as many pairs as there are
    const std::size_t m = s_.size();
    for (std::size_t k = kept_; k-- > 0;) {
      const std::size_t place = (oldest_ + k) % m;
      alpha_[place] = inverse_[place] * inner(s_[place], d_);
      axpy(static_cast<T>(-alpha_[place]), y_[place], d_);
    }
    for_entries(reads(d_), writes(d_),
                [scale = static_cast<T>(scale_), d = d_.memptr()](std::size_t i) { d[i] *= scale; });
    for (std::size_t k = 0; k < kept_; ++k) {
      const std::size_t place = (oldest_ + k) % m;
      const double beta = inverse_[place] * inner(y_[place], d_);
      axpy(static_cast<T>(alpha_[place] - beta), s_[place], d_);
    }
  }

  /// Strong Wolfe from w along d. Slots 0..2 are the search's; the gradient of the start is in before_.
  void search(double t, double slope) {
    first_trial_ = true;
    const LinePoint start{0, value_, slope, slots};
    const LinePoint found = strong_wolfe(start, t, largest(d_), {}, trial_);
    value_ = found.value;
    length_ = found.t;
    if (found.gradient < slots) {
      gradient_ = found.gradient;
      go_to(found.t);
    } else {  // back at the start
      copy(before_, g(0));
      gradient_ = 0;
      copy(from_, w_);
    }
  }

  LbfgsParameters p_;
  arma::Mat<T> w_, from_;    ///< W_1, b_1, W_2, ... in one vector; before the search
  arma::Mat<T> d_, before_;  ///< direction; gradient at `from_`, then y
  arma::Mat<T> g_[slots];
  Network<T> network_;                   ///< views of w_
  std::vector<Network<T>> gradients_;    ///< views of g_
  std::vector<arma::Mat<T>> s_, y_;      ///< a ring
  std::vector<double> inverse_, alpha_;  ///< 1/y^T s, and the recursion's coefficients
  std::size_t oldest_ = 0;
  std::size_t kept_ = 0;
  double scale_ = 1;
  double value_ = 0;
  double length_ = 0;
  int gradient_ = 0;  ///< slot of the gradient at w
  long iteration_ = 0;
  long evaluations_ = 0;
  bool first_trial_ = true;
  Backprop<T> backprop_;
  SampleSum sum_;
  std::function<LinePoint(double, int)> trial_;
};

namespace {

/// One evaluation; the line search's further ones and the recursion depend on the data.
MethodCost cost(const CostShape& s, const CostOptions& o) {
  MethodCost cost = first_order_cost(s, o, 0, 0);
  const double P = s.parameters();
  // The pair: 3, 2 for its curvature, 4, 1; d: 2; its slope 2 and size 1; from: 2, before: 2; one trial: 3, and 2 for its slope; w: 3.
  cost.iteration += entry_passes(27 * P + 2 * s.M(s.layers()));
  constexpr double history = 10;
  cost.memory.state += s.entry_bytes * (2 * history + 3) * P;
  cost.memory.workspace += s.entry_bytes * 2 * P;
  return cost;
}

const RegisterSolver<LbfgsParameters, Lbfgs> registered(
    "lbfgs", "baseline: full-batch L-BFGS with a strong Wolfe line search",
    "PyTorch torch.optim.LBFGS; Liu, Nocedal, Math. Program. 45, 1989",
    {{"released", "PyTorch's history of 100, with its strong Wolfe search",
      [](LbfgsParameters& p) { p.history = 100; }},
     {"pytorch", "PyTorch's defaults: a history of 100, and no line search",
      [](LbfgsParameters& p) {
        p.history = 100;
        p.line_search = LbfgsParameters::Search::none;
      }}},
    {cost});

}  // namespace

}  // namespace admmbench
