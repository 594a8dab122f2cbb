#include "results/costs/cost_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>

namespace admmbench {

namespace {

using Decay = CostOptions::Decay;

/// Sum of term(l) for l = first..last.
template <class Term>
double sum(std::size_t first, std::size_t last, Term term) {
  double total = 0;
  for (std::size_t l = first; l <= last; ++l) total += term(l);
  return total;
}

/// A whole number, which operations of factorisations are rounded down to.
double third(double value) { return std::floor(value / 3); }

/// Shares of samples and batches need not be whole numbers.
constexpr double rounding = 1e-9;

double batch_count(const CostShape& s) { return std::ceil(s.samples / s.batch_size() - rounding); }

/// n_1 N^2: a product of layer 1 with x^T x, W_1 in the span of x.
IterationCost span_product(const CostShape& s) { return matrix_product(s.n(1), s.samples, s.samples); }

IterationCost newton(const CostShape& s, double steps) {
  IterationCost cost;
  cost.newton_entries = steps * s.M(s.layers());
  return cost;
}

/// Back and forth: every W_l and a_l twice, two products each; layer 1's two steps share E x^T and one update of W_1 x
/// (N > n_0), or stay in N x N (2 N <= n_0).
IterationCost dladmm_cost(const CostShape& s, const CostOptions& o) {
  const double mu = o.decay == Decay::none ? 0 : 1;
  IterationCost cost = upper_products(s, 8, 2) + entry_passes((8 + 6 * mu) * s.weights(2)) + newton(s, 2);
  if (spans(s, o)) return cost + 2 * span_product(s) + layer_passes(s, 54 + 12 * mu, 52, 58);
  if (s.samples > s.n(0)) {
    cost += layer_products(s, 1, 2) + 2 * matrix_product(s.n(1), s.n(0), s.n(0));
    cost.product_entries += s.M(1);  // W_1 x is added to
    return cost + layer_passes(s, 27, 52, 58) + entry_passes(29 * s.w(1));
  }
  return cost + layer_products(s, 1, 4) + layer_passes(s, 38, 52, 58) + entry_passes((8 + 6 * mu) * s.w(1));
}

/// The output layer alone, twice.
IterationCost last_layer_cost(const CostShape& s, const CostOptions& o) {
  const std::size_t L = s.layers();
  const double mu = o.decay == Decay::none ? 0 : 1;
  return layer_products(s, L, 4) + entry_passes(42 * s.M(L) + (8 + 6 * mu) * s.w(L)) + newton(s, 2);
}

/// dlam: every W_l and a_l once, two products each. mdlam (`fast`): one more for every extrapolated block.
IterationCost mdlam_cost(const CostShape& s, const CostOptions& o, double fast) {
  const double in_gradient = o.decay == Decay::gradient ? 1 : 0;
  const double merit = o.decay == Decay::none ? 0 : 1;  // the safeguard looks at ||W||^2
  const double per_weight = 4 + 3 * in_gradient + fast * (4 + 2 * merit);
  IterationCost cost =
      upper_products(s, 4 + 2 * fast, 0) + entry_passes(per_weight * s.weights(2)) + newton(s, 1);
  if (spans(s, o)) {
    const double step = o.decay == Decay::gradient ? 15 + 6 : 12;
    return cost + span_product(s) +
           layer_passes(s, step + 6 + fast * (18 + 8 * merit), 17 + 12 * fast, 19 + 8 * fast);
  }
  return cost + layer_products(s, 1, 2 + fast) +
         layer_passes(s, 13 + 8 * fast, 17 + 12 * fast, 19 + 8 * fast) + entry_passes(per_weight * s.w(1));
}

/// Entries that pdADMM's passes read and write per entry of z_l, and of codes.
struct InterfacePasses {
  double first = 30, span = 38, hidden = 37, last = 22;
  double codes = 0;
};

/// Of the p-step, the last two sums are trials if p is quantised; a quantised q or p is received with one pass less or more.
InterfacePasses interface_passes(const std::string& method, const CostOptions& o) {
  if (method != "pdadmm_gq") return {};
  const bool p = o.quantize_p;
  const bool q = o.quantize_q;
  const double below = (p ? 28 : 30) + (q ? 2 : 0) - (p && q ? 1 : 0);
  const double above = p ? 4 : 7;
  return {below, below + 8, below + above, 15 + above, (p ? 1.0 : 0) + (q ? 1.0 : 0) + (p && q ? 1.0 : 0)};
}

/// Forward, weight gradients, and the way back from layer L to 2; in batches the weights count again each time.
IterationCost gradient_cost(const CostShape& s, const CostOptions& o, double update) {
  const double batches = batch_count(s);
  const double mu = o.decay == Decay::none ? 0 : 3;
  IterationCost cost = layer_passes(s, 7, 7, 6);
  for (std::size_t l = 1; l <= s.layers(); ++l) {
    const double times = l == 1 ? 2 : 3;
    cost += layer_products(s, l, times) + entry_passes(batches * ((update + mu) * s.w(l) + update * s.n(l)));
    cost.products += times * (batches - 1);
    cost.product_entries += times * (batches - 1) * s.w(l);
  }
  if (s.batched()) cost += entry_passes(2 * (s.n(0) + s.n(s.layers())) * s.samples);  // gathered
  return cost;
}

/// Entries of the moments and the gradient that an update of a gradient method reads and writes.
double update_passes(const std::string& method, const CostOptions& o) {
  if (method == "sgd") return o.momentum ? 5 : 3;
  return method == "adagrad" ? 5 : 7;
}

/// Least squares for every W_l, by Cholesky of the Gram matrix of a_{l-1}'s smaller side, and a ridge solve for every a_l.
IterationCost admm_taylor_cost(const CostShape& s) {
  const std::size_t L = s.layers();
  IterationCost cost = entry_passes((3 + 4 + 6) * s.M(L)) + newton(s, 1);  // z_L and lambda
  for (std::size_t l = 1; l <= L; ++l) {
    const double k = std::min(s.n(l - 1), s.samples);
    if (l > 1) {
      cost += matrix_product(k, k, std::max(s.n(l - 1), s.samples)) + entry_passes(k * k);
      cost.solve_flops += third(k * k * k);
    }
    // A Z^T, W A and W out of its transpose; for N < n: Z^T, and W from the solution and A^T.
    cost += layer_products(s, l, 2) + entry_passes(2 * k * s.n(l));
    cost.solve_flops += 2 * k * k * s.n(l);
    if (l == L) break;
    const double m = s.n(l);
    cost +=
        matrix_product(m, m, s.n(l + 1)) + layer_products(s, l + 1, 1) + entry_passes((2 + 3 + 3) * s.M(l));
    cost.solve_flops += third(m * m * m) + 2 * m * m * s.samples;
  }
  return cost;
}

/// D of the accelerated vector: W, b, z, a.
double state_entries(const CostShape& s) {
  return s.parameters() + sum(1, s.layers(), [&](auto l) { return s.M(l); }) +
         sum(1, s.layers() - 1, [&](auto l) { return s.M(l); });
}

/// dlam's iteration, then what a history of k differences costs. W_1 is explicit.
IterationCost aa_dladmm_cost(const CostShape& s, const CostOptions& o) {
  const std::size_t L = s.layers();
  const double hidden = sum(1, L - 1, [&](auto l) { return s.M(l); });
  const double D = state_entries(s);
  const IterationCost objective = entry_passes(2 * s.M(L) + 2 * (hidden + s.M(L)));
  IterationCost cost = upper_products(s, 3, 0) + layer_products(s, 1, 2) + layer_passes(s, 13, 16, 18) +
                       entry_passes(4 * s.weights()) + entry_passes(12 * D) + newton(s, 1);
  const double k = o.differences;
  if (k == 0) return cost + objective;
  const IterationCost new_point =
      upper_products(s, 1, 0) + layer_products(s, 1, 1) + entry_passes(2 * D + 3 * hidden) + objective;
  cost += entry_passes(4 * (k + 1) * D + 2 * D) + o.new_points * new_point;
  constexpr double block = 1024;  // rows of the history that a QR takes at a time
  const double c = k + 1;
  const auto qr = [c](double rows) { return 2 * c * c * (c + rows) - third(2 * c * c * c); };
  cost.solve_flops += std::floor(D / block) * qr(block);
  if (const double rest = std::fmod(D, block); rest > 0) cost.solve_flops += qr(rest);
  return cost;
}

/// One batch of B samples of gram_tp, rule `relative` with momentum; `observed` and `refreshed` are the shares of the batches that
/// look at the Gram matrices and the step lengths, and that factorise.
IterationCost gram_tp_batch(const CostShape& s, double B, double observed, double refreshed) {
  const std::size_t L = s.layers();
  IterationCost cost = entry_passes((2 * s.n(0) + 2 * s.n(L) + 2 * (s.n(0) + 1)) * B);  // gathered
  cost += entry_passes((2 + 4 + 3) * s.n(L) * B);                                       // loss, z_L, e_L
  cost.newton_entries += s.n(L) * B;
  for (std::size_t l = 1; l <= L; ++l) {
    const double k = s.n(l - 1) + 1;
    const double v = s.n(l) * k;  // entries of [W_l b_l]
    cost += matrix_product(s.n(l), B, k);
    if (l < L) cost += entry_passes(2 * s.n(l) * B);
    if (l > 1) {
      cost += observed * matrix_product(k, k, B, true);
      cost += refreshed * entry_passes(3 * k * k);
      cost.solve_flops += refreshed * (third(k * k * k) + third(2 * k * k * k));
      const double small = std::min(s.n(l), s.n(l - 1));
      const double large = std::max(s.n(l), s.n(l - 1));
      const double factorised = 4 * s.n(l) <= B ? 1 : refreshed;
      cost += factorised * (matrix_product(small, small, large) + entry_passes(2 * s.w(l)));
      cost.solve_flops += factorised * (third(small * small * small) + 2 * small * small * large);
      cost +=
          matrix_product(s.n(l - 1), B, s.n(l)) + entry_passes(3 * s.n(l - 1) * B);  // the a-step, the z-step
    }
    // D_l: into the velocity, or beside it where its length is measured.
    if (l == 1) {
      cost += matrix_product(s.n(l), k, B);
    } else if (s.n(l) < B) {
      cost += matrix_product(s.n(l), k, B) + matrix_product(s.n(l), k, k);
    } else {
      cost += matrix_product(k, B, k) + matrix_product(s.n(l), k, B);
    }
    cost.product_entries += (1 - observed) * v;
    cost += entry_passes(observed * (5 * v + s.n(l) * B) + 3 * v);
  }
  return cost;
}

IterationCost gram_tp_cost(const CostShape& s, const CostOptions& o) {
  const double B = s.batch_size();
  const double whole = std::floor(s.samples / B + rounding);
  const double rest = std::max(0.0, s.samples - whole * B);
  IterationCost cost = whole * gram_tp_batch(s, B, 1 / o.observe, 1 / o.refresh);
  if (rest > 0) cost += gram_tp_batch(s, rest, 1 / o.observe, 1 / o.refresh);
  return cost;
}

bool is_pdadmm(const std::string& method) {
  return method == "pdadmm" || method == "pdadmm_g" || method == "pdadmm_gq";
}

bool is_gradient(const std::string& method) {
  return method == "sgd" || method == "adam" || method == "adagrad" || method == "adadelta" ||
         method == "rmsprop";
}

void require_modelled(const std::string& method) {
  const auto& known = modelled_methods();
  if (std::find(known.begin(), known.end(), method) == known.end())
    throw std::invalid_argument(
        fmt::format("no cost model of '{}'; there are: {}", method, fmt::join(known, ", ")));
}

double widest(const CostShape& s) { return *std::max_element(s.widths.begin() + 1, s.widths.end()); }

double largest_weight(const CostShape& s, std::size_t first = 1) {
  double largest = 0;
  for (std::size_t l = first; l <= s.layers(); ++l) largest = std::max(largest, s.w(l));
  return largest;
}

}  // namespace

double CostShape::weights(std::size_t first) const {
  return sum(first, layers(), [&](auto l) { return w(l); });
}

double CostShape::parameters() const {
  return weights() + sum(1, layers(), [&](auto l) { return n(l); });
}

CostShape parse_shape(const std::string& text) {
  const auto bad = [&]() {
    return std::invalid_argument(
        fmt::format("'{}' is no shape; one is n_0-n_1-...-n_LxN, as 784-1000-1000-10x60000 or "
                    "784-1000-1000-10x60000-batch-128",
                    text));
  };
  const auto number = [&](const std::string& digits) {
    if (digits.empty() || digits.size() > 15 || digits.find_first_not_of("0123456789") != std::string::npos ||
        digits.front() == '0')
      throw bad();
    return std::stod(digits);
  };
  CostShape shape;
  const std::size_t cross = text.find('x');
  if (cross == std::string::npos) throw bad();
  for (std::size_t begin = 0; begin <= cross;) {
    const std::size_t end = std::min(text.find('-', begin), cross);
    shape.widths.push_back(number(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  const std::string word = "-batch-";
  const std::size_t batch = text.find(word, cross);
  shape.samples = number(text.substr(cross + 1, batch == std::string::npos ? batch : batch - cross - 1));
  if (batch != std::string::npos) shape.batch = number(text.substr(batch + word.size()));
  if (shape.widths.size() < 2) throw bad();
  return shape;
}

std::string to_string(const CostShape& shape) {
  std::string text = fmt::format("{:.0f}", shape.widths.front());
  for (std::size_t l = 1; l < shape.widths.size(); ++l) text += fmt::format("-{:.0f}", shape.widths[l]);
  text += fmt::format("x{:.0f}", shape.samples);
  return shape.batch > 0 ? text + fmt::format("-batch-{:.0f}", shape.batch) : text;
}

IterationCost& IterationCost::operator+=(const IterationCost& other) {
  products += other.products;
  product_flops += other.product_flops;
  product_entries += other.product_entries;
  pass_entries += other.pass_entries;
  code_bytes += other.code_bytes;
  solve_flops += other.solve_flops;
  newton_entries += other.newton_entries;
  return *this;
}

IterationCost operator*(double times, IterationCost cost) {
  cost.products *= times;
  cost.product_flops *= times;
  cost.product_entries *= times;
  cost.pass_entries *= times;
  cost.code_bytes *= times;
  cost.solve_flops *= times;
  cost.newton_entries *= times;
  return cost;
}

IterationCost matrix_product(double m, double n, double k, bool accumulates) {
  IterationCost cost;
  cost.products = 1;
  cost.product_flops = 2 * m * n * k;
  cost.product_entries = m * k + k * n + m * n * (accumulates ? 2 : 1);
  return cost;
}

IterationCost layer_products(const CostShape& shape, std::size_t l, double times) {
  return times * matrix_product(shape.n(l), shape.samples, shape.n(l - 1));
}

IterationCost upper_products(const CostShape& shape, double times, double sums) {
  IterationCost cost;
  for (std::size_t l = 2; l <= shape.layers(); ++l) {
    cost += layer_products(shape, l, times);
    cost.product_entries += sums * shape.M(l - 1);
  }
  return cost;
}

IterationCost entry_passes(double entries) {
  IterationCost cost;
  cost.pass_entries = entries;
  return cost;
}

IterationCost layer_passes(const CostShape& shape, double first, double hidden, double last) {
  const std::size_t L = shape.layers();
  return entry_passes(first * shape.M(1) + sum(2, L - 1, [&](auto l) { return hidden * shape.M(l); }) +
                      last * shape.M(L));
}

bool spans(const CostShape& shape, const CostOptions& options) {
  return options.span && 2 * shape.samples <= shape.n(0);
}

const std::vector<std::string>& modelled_methods() {
  static const std::vector<std::string> methods{
      "aa_dladmm",  "adadelta", "adagrad", "adam",     "admm_taylor", "dladmm",  "dlam", "gram_tp",
      "last_layer", "mdlam",    "pdadmm",  "pdadmm_g", "pdadmm_gq",   "rmsprop", "sgd"};
  return methods;
}

bool has_batches(const std::string& method) { return is_gradient(method) || method == "gram_tp"; }

IterationCost iteration_cost(const std::string& method, const CostShape& shape, const CostOptions& options) {
  require_modelled(method);
  if (is_pdadmm(method)) {
    const auto layers = layer_costs(method, shape, options);
    return std::accumulate(layers.begin(), layers.end(), IterationCost{});
  }
  if (is_gradient(method)) return gradient_cost(shape, options, update_passes(method, options));
  if (method == "dladmm") return dladmm_cost(shape, options);
  if (method == "last_layer") return last_layer_cost(shape, options);
  if (method == "dlam") return mdlam_cost(shape, options, 0);
  if (method == "mdlam") return mdlam_cost(shape, options, 1);
  if (method == "admm_taylor") return admm_taylor_cost(shape);
  if (method == "gram_tp") return gram_tp_cost(shape, options);
  return aa_dladmm_cost(shape, options);
}

/// Every p_l (l > 1) and every W_l once, two products each; W_1 in the span of x one of n_1 N^2.
std::vector<IterationCost> layer_costs(const std::string& method, const CostShape& shape,
                                       const CostOptions& options) {
  if (!is_pdadmm(method)) throw std::invalid_argument(method + " is not parallel over layers");
  const std::size_t L = shape.layers();
  const InterfacePasses passes = interface_passes(method, options);
  const double mu = options.decay == Decay::none ? 0 : 1;
  std::vector<IterationCost> costs;
  for (std::size_t l = 1; l <= L; ++l) {
    IterationCost cost;
    const bool in_span = l == 1 && spans(shape, options);
    if (in_span) {
      cost = span_product(shape);
    } else {
      cost = layer_products(shape, l, l == 1 ? 2 : 4) + entry_passes((4 + 3 * mu) * shape.w(l));
    }
    if (l > 1) cost.product_entries += shape.M(l - 1);  // one product is added to p's gradient
    const double per_entry = l == L    ? passes.last
                             : l > 1   ? passes.hidden
                             : in_span ? passes.span + 6 * mu
                                       : passes.first;
    cost += entry_passes(per_entry * shape.M(l));
    if (l < L && passes.codes > 0) cost.code_bytes = passes.codes * options.code_bytes * shape.M(l);
    if (l == L) cost += newton(shape, 1);
    costs.push_back(cost);
  }
  return costs;
}

MemoryCost memory_cost(const std::string& method, const CostShape& s, const CostOptions& o) {
  require_modelled(method);
  const std::size_t L = s.layers();
  const double N = s.samples;
  constexpr double index = 8;                                        // labels, and the order of the samples
  const double outputs = sum(1, L, [&](auto l) { return s.M(l); });  // z, or W A
  const double hidden = sum(1, L - 1, [&](auto l) { return s.M(l); });  // a
  const double widest_z = widest(s) * N;
  const bool in_span = spans(s, o);
  MemoryCost memory;
  memory.data = s.entry_bytes * (s.M(0) + s.M(L)) + index * N;
  if (in_span) memory.data += s.entry_bytes * N * N;  // x^T x
  // W_1 in the span of x: its start, the start's product, C, a scratch product.
  const double span_state = in_span ? s.w(1) + 3 * s.M(1) : 0;
  double state = s.parameters();
  double scratch = 0;
  if (is_pdadmm(method)) {
    state += 2 * outputs + 3 * hidden + span_state;  // z, W p; p, q, u
    scratch = 2 * widest_z + s.weights();            // a gradient per layer
    if (method == "pdadmm_gq") {
      const double messages = (o.quantize_p ? 1 : 0) + (o.quantize_q ? 1 : 0);
      memory.workspace += messages * o.code_bytes * hidden;
      scratch += widest_z;
    }
  } else if (is_gradient(method)) {
    const double moments = method == "sgd" ? (o.momentum ? 1 : 0) : method == "adagrad" ? 1 : 2;
    state += moments * s.parameters();
    scratch = s.parameters() + s.batch_size() / N * (outputs + hidden);
    if (s.batched()) {
      scratch += (s.n(0) + s.n(L)) * s.batch_size();
      memory.workspace += index * N;
    }
  } else if (method == "gram_tp") {
    const double B = s.batch_size();
    double largest = 0;
    double targets = 0;
    state = 0;
    for (std::size_t l = 1; l <= L; ++l) {
      const double k = s.n(l - 1) + 1;
      const double small = std::min(s.n(l), s.n(l - 1));
      state += 3 * s.n(l) * k;  // [W b], its velocity, the safeguard's
      if (l > 1) state += small * small + s.w(l) + 2 * k * k;
      largest = std::max(largest, s.n(l) * k);
      targets = std::max(targets, k * std::min(s.n(l), B));
      scratch += (k + (l < L ? 3 : 2) * s.n(l)) * B;
    }
    state += (s.n(0) + 1) * N;  // preconditioned inputs
    scratch += largest + targets + (s.n(0) + 1 + 3 * s.n(L) + widest(s)) * B;
    if (s.batched()) memory.workspace += index * N;
  } else {
    state += 2 * outputs + hidden;  // z, W a; a
    if (method == "dladmm" || method == "last_layer") {
      state += s.M(L) + span_state;  // u
      scratch = 2 * widest_z + largest_weight(s);
      if (L > 1 && N > s.n(0)) state += s.n(0) * s.n(0) + 4 * s.w(1);
    } else if (method == "admm_taylor") {
      state += s.M(L);
      scratch = s.M(L) + hidden;
      for (std::size_t l = 1; l <= L; ++l) {
        const double k = std::min(s.n(l - 1), N);
        state += k * k;
        scratch += 2 * k * s.n(l) + 2 * k * k + 6 * k;
        if (l < L) scratch += s.n(l) * s.n(l);
      }
    } else {  // dlam, mdlam, aa_dladmm
      const bool explicit_W_1 = !in_span || method == "aa_dladmm";
      const double largest_W = largest_weight(s, in_span ? 2 : 1);
      scratch = s.M(L) + 4 * widest_z + largest_W;
      if (!explicit_W_1) state += span_state;
      if (method == "mdlam") {
        state += s.weights(in_span ? 2 : 1) + hidden + (in_span ? 3 * s.M(1) : 0);
        scratch += std::max(largest_W, widest_z) + widest_z;
      } else if (method == "aa_dladmm") {
        const double D = state_entries(s);
        state += (2 * o.memory + 2) * D;  // dF, dG, the last pair
        scratch += 4 * D;
        constexpr double lanczos = 80;  // vectors
        constexpr double block = 1024;  // rows of a QR
        for (std::size_t l = 1; l <= L; ++l) {
          const auto basis = [&](double rows, double columns) {
            const double n = std::min(rows, columns);
            const double limit = std::min(n, lanczos);
            memory.workspace += 8 * (limit * limit + 6 * limit);
            return n * (limit + 2) + std::max(rows, columns);
          };
          scratch += basis(s.n(l - 1), N);
          if (l < L) scratch += basis(s.n(l + 1), s.n(l));
        }
        memory.workspace += 8 * ((block + o.memory + 1) * (o.memory + 1) + (2 * o.memory + 1) * o.memory);
      }
    }
  }
  memory.state += s.entry_bytes * state;
  memory.workspace += s.entry_bytes * scratch;
  return memory;
}

/// p_l, W_l, b_l, z_l, W p_l, q_l, u_l are layer l's; its scratch is as wide as it is, received messages included.
std::vector<double> layer_memory(const std::string& method, const CostShape& s, const CostOptions& o) {
  if (!is_pdadmm(method)) throw std::invalid_argument(method + " is not parallel over layers");
  const std::size_t L = s.layers();
  std::vector<double> bytes;
  for (std::size_t l = 1; l <= L; ++l) {
    double entries = 2 * s.w(l) + s.n(l);           // W, b and the gradient
    entries += (2 + 1 + (l < L ? 3 : 0)) * s.M(l);  // z, W p; residual; q, u, the p received
    entries += (l == 1 ? 1 : 4) * s.M(l - 1);       // x; or p, its gradient, the q and u received
    if (l == L) entries += s.M(L);                  // targets
    double codes = 0;
    if (method == "pdadmm_gq") {
      const double messages = (o.quantize_p ? 1 : 0) + (o.quantize_q ? 1 : 0);
      if (l > 1) codes += messages * o.code_bytes * s.M(l - 1);
      if (l < L) codes += messages * o.code_bytes * s.M(l);
    }
    bytes.push_back(s.entry_bytes * entries + codes);
  }
  return bytes;
}

Parallelism parallelism(const std::string& method) {
  require_modelled(method);
  return is_pdadmm(method) ? Parallelism::layers : Parallelism::samples;
}

InterfaceBytes interface_bytes(const std::string& method, const CostShape& s, std::size_t l,
                               const CostOptions& o) {
  if (!is_pdadmm(method)) throw std::invalid_argument(method + " is not parallel over layers");
  const double full = s.entry_bytes * s.M(l);
  const double codes = o.code_bytes * s.M(l);
  const bool quantizes = method == "pdadmm_gq";
  InterfaceBytes bytes;
  bytes.down = quantizes && o.quantize_p ? codes : full;
  bytes.up = (quantizes && o.quantize_q ? codes : full) + (o.send_u ? full : 0);
  return bytes;
}

/// A gradient of W_l is a sum over samples, so is b_l's mean, and so are the squared norms that decide a step length.
Reductions reductions(const std::string& method, const CostShape& s, const CostOptions& o) {
  require_modelled(method);
  const std::size_t L = s.layers();
  const double batches = batch_count(s);
  const double layers = static_cast<double>(L);
  if (is_pdadmm(method)) return {s.parameters(), 5 * layers - 2};
  if (is_gradient(method)) return {batches * s.parameters(), batches};
  if (method == "gram_tp") {
    const double grams = sum(2, L, [&](auto l) { return (s.n(l - 1) + 1) * (s.n(l - 1) + 1); });
    return {batches * (s.parameters() + grams / o.observe), batches * (1 + 1 / o.observe)};
  }
  if (method == "last_layer") return {2 * (s.w(L) + s.n(L)), 6};
  if (method == "admm_taylor") {
    return {s.weights() + sum(2, L, [&](auto l) { return s.n(l - 1) * s.n(l - 1); }), layers};
  }
  if (method == "dladmm") {
    // Twice a gradient and a scalar for W_l, twice b_l, twice two scalars for a_l; W_1's two steps share one gradient.
    const double first = s.samples > s.n(0) ? 1 : 2;
    return {2 * s.parameters() - (2 - first) * s.w(1), 10 * (layers - 1) + 3 + first};
  }
  // dlam, mdlam, aa_dladmm: a gradient and a scalar for W_l, b_l, two scalars for a_l; the safeguard's scalars.
  const double safeguard = method == "mdlam" ? 2 * layers : method == "aa_dladmm" ? 3 : 0;
  return {s.parameters(), 5 * layers - 2 + safeguard};
}

Messages ring_all_reduce(const Reductions& what, double entry_bytes, double workers) {
  if (workers <= 1) return {};
  return {2 * (workers - 1) / workers * what.entries * entry_bytes, 2 * (workers - 1) * what.count};
}

}  // namespace admmbench
