#include "solvers/pdadmm/pdadmm_gq.hpp"

#include <algorithm>
#include <numeric>

#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "core/problem/hidden_layers.hpp"
#include "solvers/pdadmm/cost.hpp"

namespace admmbench {

void PdadmmGqParameters::visit(ParameterVisitor& v) {
  PdadmmGParameters::visit(v);
  v.group("delta", delta, "level set; the paper's is {-1, 0, ..., 20}");
  v.choice(
      "quantize", quantize, {"p", "pq", "q"},
      "which messages are quantised: p (paper), p and q, or q alone (what the released code of 2022 does)");
}

template <class T>
void PdadmmGq<T>::reserve_more() {
  require_hidden_layers(this->problem(),
                        "pdadmm_gq quantises what layers send each other, and there is one: what is left is "
                        "pdadmm_g");
  PdadmmG<T>::reserve_more();
  const arma::uword layers = this->L();
  const arma::uword N = this->problem().samples();
  const auto& widths = this->problem().widths;
  const unsigned bits = quantizer_.bits();
  p_messages_.resize(layers);
  q_messages_.resize(layers);
  for (arma::uword l = 1; l < layers; ++l) {
    if (quantizes_p() && this->has_p(l + 1)) p_messages_(l + 1).reserve(this->widths_[l] * N, bits);
    if (quantizes_q() && this->has_q(l)) q_messages_(l).reserve(this->widths_[l] * N, bits);
  }
  difference_.resize(this->scratch_.size());
  const arma::uword widest = *std::max_element(widths.begin() + 1, widths.end());
  for (Buffer<T>& buffer : difference_) buffer.reserve(widest * N);
  moved_.assign(layers, 0);
}

template <class T>
void PdadmmGq<T>::project_and_send(arma::Mat<T>& x, CodeMessage& message) const {
  quantize(2, x, message, [x = x.memptr()](std::size_t i) { return x[i]; });
}

template <class T>
void PdadmmGq<T>::decode(const CodeMessage& message, arma::Mat<T>& x) const {
  for_code_blocks(x.n_elem, x.n_elem * sizeof(T) + message.bytes(),
                  [&](std::size_t k, std::size_t first, std::size_t last) {
                    CodeMessage::Codes codes;
                    message.unpack(k, codes);
                    for (std::size_t i = first; i < last; ++i) x[i] = quantizer_.level(codes[i - first]);
                  });
}

template <class T>
void PdadmmGq<T>::project() {
  for (arma::uword l = 1; l < this->L(); ++l) {
    if (quantizes_p() && this->has_p(l + 1)) project_and_send(this->state_.p(l + 1), p_messages_(l + 1));
    if (quantizes_q() && this->has_q(l)) project_and_send(this->state_.q(l), q_messages_(l));
  }
}

/// p_l <- proj_Delta(p_l - g/tau), tau doubled from the step rule's until the majoriser holds for the step D:
/// nu ||W_l D||^2 + rho ||D||^2 <= tau ||D||^2.
template <class T>
void PdadmmGq<T>::update_p(arma::uword l, std::size_t worker) {
  if (!quantizes_p()) {
    // q_{l-1} has come as codes; the state's q_{l-1} is what they decode to.
    Pdadmm<T>::update_p(l, worker);
    return;
  }
  const auto& parameters = this->parameters_;
  const T rho = static_cast<T>(parameters.rho);
  const arma::Mat<T>& W = this->state_.W(l);
  const arma::Mat<T>& q = this->state_.q(l - 1);
  const arma::Mat<T>& u = this->state_.u(l - 1);
  const CodeMessage& q_message = q_messages_(l - 1);
  CodeMessage& p_message = p_messages_(l);
  arma::Mat<T>& p = this->state_.p(l);
  StepReport& report = this->p_reports_(l);
  report = {};
  moved_(l) = 0;

  arma::Mat<T> g = this->scratch_[worker].input.view(p.n_rows, p.n_cols);
  if (quantizes_q()) {
    for_code_blocks(p.n_elem, 3 * p.n_elem * sizeof(T) + q_message.bytes(),
                    [&](std::size_t k, std::size_t first, std::size_t last) {
                      CodeMessage::Codes codes;
                      q_message.unpack(k, codes);
                      for (std::size_t i = first; i < last; ++i)
                        g[i] = u[i] + rho * (p[i] - quantizer_.level(codes[i - first]));
                    });
  } else {
    for_entries(reads(u, p, q), writes(g),
                [rho, u = u.memptr(), p = p.memptr(), q = q.memptr(), g = g.memptr()](std::size_t i) {
                  g[i] = u[i] + rho * (p[i] - q[i]);
                });
  }
  arma::Mat<T> E = this->residual(l, worker);
  gemm(Op::transpose, Op::none, static_cast<T>(parameters.nu), W, E, T(1), g);
  const double gradient = this->sum_.total(norm2(g));
  if (gradient == 0) return;

  arma::Mat<T>& product = E;  // W g, then W D
  double kappa = 0;
  if (parameters.step.kind != StepRule::Kind::lipschitz) {  // which would not look at it
    gemm(Op::none, Op::none, T(1), W, g, T(0), product);
    kappa = parameters.nu * this->sum_.total(norm2(product)) / gradient + parameters.rho;
  }
  auto& ritz = this->p_steps_(l).ritz_input[l - 1];
  const auto lambda_max = [&] { return parameters.nu * spectral_norm2(W, ritz) + parameters.rho; };
  double tau = step_tau(parameters.step, kappa, std::ref(lambda_max));

  arma::Mat<T> D = difference_[worker].view(p.n_rows, p.n_cols);
  const InnerIteration trials;
  while (true) {
    const T inverse = static_cast<T>(1 / tau);
    double moved = sum_entries(
        reads(p, g), writes(D),
        [inverse, levels = &quantizer_, p = p.memptr(), g = g.memptr(), d = D.memptr()](std::size_t i) {
          d[i] = levels->nearest(p[i] - inverse * g[i]) - p[i];
          return d[i] != T(0) ? 1.0 : 0.0;
        });
    moved = this->sum_.total(moved);
    if (moved == 0) break;  // the candidate is p itself
    gemm(Op::none, Op::none, T(1), W, D, T(0), product);
    double mapped = norm2(product);
    double step = norm2(D);
    this->sum_.scalars(mapped, step);
    if (parameters.nu * mapped + parameters.rho * step <= rounding_slack<T> * tau * step) {
      quantize(3, p, p_message,
               [inverse, p = p.memptr(), g = g.memptr()](std::size_t i) { return p[i] - inverse * g[i]; });
      axpy(T(1), product, this->state_.Wp(l));
      moved_(l) = static_cast<arma::uword>(moved);
      report = {tau, gradient, step};
      break;
    }
    tau *= 2;
  }
}

/// q_l as in pdADMM, then projected if q is quantised.
template <class T>
void PdadmmGq<T>::update_q(arma::uword l, const arma::Mat<T>& received_p) {
  Pdadmm<T>::update_q(l, received_p);
  if (quantizes_q()) project_and_send(this->state_.q(l), q_messages_(l));
}

template <class T>
arma::Mat<T> PdadmmGq<T>::received_p(arma::uword l, std::size_t worker) {
  if (!quantizes_p()) return Pdadmm<T>::received_p(l, worker);
  const CodeMessage& message = p_messages_(l);
  if (!this->owns(l)) {  // another process's: this is the only one that there is here
    decode(message, this->state_.p(l));
    return Pdadmm<T>::received_p(l, worker);
  }
  const arma::Mat<T>& sent = this->state_.p(l);
  arma::Mat<T> received = this->scratch_[worker].input.view(sent.n_rows, sent.n_cols);
  decode(message, received);
  return received;
}

template <class T>
void PdadmmGq<T>::q_received(arma::uword l) {
  if (quantizes_q()) decode(q_messages_(l), this->state_.q(l));
}

template <class T>
std::size_t PdadmmGq<T>::p_bytes(std::size_t entries) const {
  return quantizes_p() ? CodeMessage::bytes_of(entries, quantizer_.bits()) : PdadmmG<T>::p_bytes(entries);
}

template <class T>
std::size_t PdadmmGq<T>::q_bytes(std::size_t entries) const {
  return quantizes_q() ? CodeMessage::bytes_of(entries, quantizer_.bits()) : PdadmmG<T>::q_bytes(entries);
}

template <class T>
std::span<std::byte> PdadmmGq<T>::p_message(arma::uword l) {
  return quantizes_p() ? p_messages_(l).wire() : PdadmmG<T>::p_message(l);
}

template <class T>
std::span<std::byte> PdadmmGq<T>::q_message(arma::uword l) {
  return quantizes_q() ? q_messages_(l).wire() : PdadmmG<T>::q_message(l);
}

template <class T>
Diagnostics PdadmmGq<T>::diagnostics() const {
  Diagnostics result = PdadmmG<T>::diagnostics();
  if (quantizes_p()) {
    const arma::uword units =
        std::accumulate(this->widths_.begin() + 1, this->widths_.end() - 1, arma::uword{0});
    const arma::uword entries = units * this->problem().total_samples();
    auto moved = static_cast<double>(std::accumulate(moved_.begin(), moved_.end(), arma::uword{0}));
    this->exchange_.sum(std::span(&moved, 1));
    result.named.emplace_back("p_moved", entries == 0 ? 0 : moved / static_cast<double>(entries));
  }
  return result;
}

template class PdadmmGq<float>;
template class PdadmmGq<double>;

namespace {

using Parameters = PdadmmGqParameters;

/// The level set of the released code of November 2022.
constexpr double released_low = -1;
constexpr double released_high = 2;
constexpr long released_levels = 1000;

/// They are those of q.
void apply_released_levels(Parameters& p) {
  p.delta = {LevelSet::Kind::uniform, released_low, released_high, released_levels, 10, {}};
  p.quantize = Parameters::Quantize::q;
}

/// The released code's -Q scripts count a smaller drop as stagnation, and look later in the last stage: at i > 20, i from 0.
/// There they ask besides that the cost rose, which never fires, and hold rho to 0.01 at first and then to 0.001; what is
/// here is the rule of their 2-layer script up to 0.001, which comes nearer to the published figure of Cora
/// (docs/methods/pdadmm.md#measured-against-the-published-figures).
PresetOf<Parameters> released(const char* dataset, std::vector<double> rho, std::vector<double> mu) {
  return {
      std::string("released-") + dataset,
      std::string("pdadmm_g's schedule with the released -Q table for ") + dataset +
          "; q is quantised on linspace(-1, 2, 1000), as the code does; stagnation is a drop below 0.001, "
          "0.01 and "
          "0.001 in the stages, rho is raised at most to 1, 1 and 0.001, in the last not before iteration 22",
      [rho = std::move(rho), mu = std::move(mu)](Parameters& p) {
        apply_released_schedule(p, rho, mu);
        p.continuation.drop = {1e-3, 1e-2, 1e-3};
        p.continuation.after = {3, 3, 21};
        p.continuation.cap = {1, 1, 1e-3};
        apply_released_levels(p);
      }};
}

// (rho, mu) of the 2-, 5- and 10-layer stages in the released code, its -Q settings where they differ.
const RegisterSolver<Parameters, PdadmmGq> registered(
    "pdadmm_gq",
    "pdADMM-G-Q: pdADMM-G with layer inputs, and on request outputs, quantised and sent as integer codes",
    "Wang, Li, Chai, Wang, Cheng, Zhao: Toward Quantized Model Parallelism for Graph-Augmented MLPs Based on "
    "Gradient-Free ADMM Framework, TNNLS 2022, Problem 3",
    {{"paper", "the paper's levels {-1, 0, ..., 20}, p quantised",
      [](Parameters& p) {
        p.delta = {};
        p.quantize = Parameters::Quantize::p;
      }},
     {"released", "the released code's levels linspace(-1, 2, 1000) and its choice to quantise q, not p",
      apply_released_levels},
     released("cora", {1e-5, 1e-5, 1e-4}, {10, 0.01, 0.01}),
     released("pubmed", {1e-5, 1e-5, 1e-3}, {0.1, 0.1, 0.01}),
     released("citeseer", {1e-5, 1e-5, 1e-3}, {10, 0.1, 0.01}),
     released("amazon-computers", {1e-3, 1e-3, 1e-3}, {1, 1, 0.001}),
     released("amazon-photo", {1e-3, 1e-3, 1e-3}, {1, 1, 0.001}),
     released("coauthor-cs", {1e-5, 1e-5, 1e-2}, {10, 0.1, 0.01}),
     released("coauthor-physics", {1e-5, 1e-5, 1e-2}, {10, 0.1, 0.01}),
     released("ogbn-arxiv", {1e-5, 1e-5, 1e-3}, {10, 0.1, 0.01}),
     released("flickr", {1e-5, 1e-5, 1e-4}, {10, 0.1, 0})},
    {pdadmm_gq_cost});

}  // namespace

}  // namespace admmbench
