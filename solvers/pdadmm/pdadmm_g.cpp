#include "solvers/pdadmm/pdadmm_g.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "core/blocks/linear_residual.hpp"
#include "core/compute/linalg.hpp"
#include "solvers/pdadmm/cost.hpp"

namespace admmbench {

void RhoContinuation::visit(ParameterVisitor& v, std::size_t stages) {
  v.choice("kind", kind, {"constant", "released"}, "constant, or raised while the training cost stagnates");
  if (kind == Kind::released || v.wants_all()) {
    using Alone = ListForm::Alone;
    // Stored as they were when only the cap could be a list: the settings of older results keep their hash.
    const ListForm stored_alone{.least = "one value", .alone = Alone::stored, .stages = stages};
    const ListForm stored_as_list{.least = "one value", .alone = Alone::read, .stages = stages};
    v.real("factor", factor, above_one, "released only: factor on rho = nu");
    v.reals("drop", drop, any_number, stored_alone,
            "released only: a smaller drop of the training cost counts as stagnation; one value, or one per "
            "stage");
    v.integers("after", after, at_least_one, stored_alone,
               "released only: iterations of a stage before the first raise; one value, or one per stage");
    v.reals("cap", cap, positive, stored_as_list,
            "released only: largest rho that is raised to, one value or one per stage");
  }
}

void PdadmmGParameters::visit(ParameterVisitor& v) {
  PdadmmParameters::visit(v);
  v.group(
      "continuation", [this](ParameterVisitor& members) { continuation.visit(members, stages.count()); },
      "how rho = nu changes within a stage");
}

template <class T>
void PdadmmG<T>::start(Network<T> initial, std::uint64_t seed) {
  if (continuation_.kind == RhoContinuation::Kind::released) {
    const StagePlan& plan = this->parameters_.stages;
    plan.check(this->problem().layers());
    plan.check_length("continuation.drop", continuation_.drop.size());
    plan.check_length("continuation.after", continuation_.after.size());
    plan.check_length("continuation.cap", continuation_.cap.size());
  }
  Pdadmm<T>::start(std::move(initial), seed);
  if (continuation_.kind == RhoContinuation::Kind::constant) return;
  const Problem<T>& problem = this->problem();
  const arma::uword widest = *std::max_element(problem.widths.begin() + 1, problem.widths.end());
  layer_.reserve(widest * problem.samples());
  next_.reserve(widest * problem.samples());
}

/// Mean loss of the forward pass on the training set. W_1 x is cached, the most expensive product of a graph problem. Where processes
/// share the layers they go through theirs one after the other.
template <class T>
double PdadmmG<T>::training_cost() {
  using Variable = LayerExchange::Variable;
  const PdadmmState<T>& state = this->state_;
  const Activation activation = this->problem().activation;
  const arma::uword N = this->problem().samples();
  const arma::uword first = this->first_layer();
  const arma::uword last = this->last_layer();
  double cost = 0;
  if (first <= last) {
    Buffer<T>* from = &layer_;
    Buffer<T>* to = &next_;
    if (first == 1) {
      arma::Mat<T> z = from->view(this->widths_[1], N);
      affine(state.Wp(1), state.b(1), z);
    } else {
      arma::Mat<T> a = from->view(this->widths_[first - 1], N);
      this->exchange_.receive(Variable::activation, bytes_of(a.memptr(), a.n_elem));
      this->exchange_.finish_receiving(Variable::activation);
    }
    for (arma::uword l = std::max<arma::uword>(first, 2); l <= last; ++l) {
      arma::Mat<T> a = from->view(this->widths_[l - 1], N);
      if (first == 1 || l > first) activate(activation, a, a);  // what has been received is activated
      arma::Mat<T> out = to->view(this->widths_[l], N);
      gemm(Op::none, Op::none, T(1), state.W(l), a, T(0), out);
      add_column(out, state.b(l));
      std::swap(from, to);
    }
    arma::Mat<T> output = from->view(this->widths_[last], N);
    if (this->group_above()) {
      activate(activation, output, output);
      this->exchange_.send(Variable::activation, bytes_of(output.memptr(), output.n_elem));
      this->exchange_.finish_sending(Variable::activation);
    } else {
      cost = this->sum_.total(loss_value(this->problem().loss, output, this->problem().targets())) /
             static_cast<double>(this->problem().total_samples());
    }
  }
  this->exchange_.broadcast(cost, this->groups_.owner(this->L()));
  return cost;
}

template <class T>
void PdadmmG<T>::after_iteration() {
  if (continuation_.kind == RhoContinuation::Kind::constant) return;
  if (this->stage_iteration_ == 1) cost_before_ = std::numeric_limits<double>::infinity();
  const double cost = training_cost();
  const double drop = entry_of_stage(continuation_.drop, this->stage_);
  const bool stagnates = this->stage_iteration_ > entry_of_stage(continuation_.after, this->stage_) &&
                         cost > cost_before_ - drop && cost_before_ > cost_before_that_ - drop;
  cost_before_that_ = cost_before_;
  cost_before_ = cost;
  if (!stagnates) return;
  const double cap = entry_of_stage(continuation_.cap, this->stage_);
  const double rho = this->parameters_.rho;
  const double raised = std::min(continuation_.factor * rho, std::max(cap, rho));
  if (raised == rho) return;
  this->parameters_.rho = this->parameters_.nu = raised;
  ++this->map_version_;
}

template <class T>
Diagnostics PdadmmG<T>::diagnostics() const {
  Diagnostics result = Pdadmm<T>::diagnostics();
  const bool listed = std::any_of(result.named.begin(), result.named.end(),
                                  [](const auto& entry) { return entry.first == "rho"; });
  if (continuation_.kind == RhoContinuation::Kind::released && !listed) {
    result.named.emplace_back("rho", this->parameters_.rho);
  }
  return result;
}

void apply_released_schedule(PdadmmGParameters& p, std::vector<double> stage_rho,
                             std::vector<double> stage_mu) {
  p.stages.layers = {2, 5, 10};
  p.stages.iterations = {200};
  p.stages.rho = std::move(stage_rho);
  p.stages.mu = std::move(stage_mu);
  p.step = {StepRule::Kind::backtracking, 20, 2};
  p.zL = {OutputProx::Method::fista, 50, 1e-3, 4};
  p.start = Start::reseeded;
  p.continuation = {};
  p.continuation.kind = RhoContinuation::Kind::released;
}

template class PdadmmG<float>;
template class PdadmmG<double>;

namespace {

PresetOf<PdadmmGParameters> released(const char* dataset, std::vector<double> rho, std::vector<double> mu) {
  return {std::string("released-") + dataset,
          std::string("the released code's schedule for ") + dataset +
              ": 2, 5 and 10 layers of 200 iterations, its rho = nu and mu per stage, rho continuation, "
              "backtracking "
              "from 20, FISTA (50, 1e-3, 4), re-seeded draws",
          [rho = std::move(rho), mu = std::move(mu)](PdadmmGParameters& p) {
            apply_released_schedule(p, rho, mu);
          }};
}

// (rho, mu) of the 2-, 5- and 10-layer stages in the released code of November 2022, 500 units.
const RegisterSolver<PdadmmGParameters, PdadmmG> registered(
    "pdadmm_g",
    "pdADMM-G: pdADMM on graph-augmented input, with greedy stages and the released rho continuation",
    "Wang, Li, Chai, Wang, Cheng, Zhao: Toward Quantized Model Parallelism for Graph-Augmented MLPs Based on "
    "Gradient-Free ADMM Framework, TNNLS 2022, Algorithm 1",
    {released("cora", {1e-5, 1e-5, 1e-4}, {10, 1, 0.01}),
     released("pubmed", {1e-5, 1e-5, 1e-4}, {0.1, 0.1, 0.01}),
     released("citeseer", {1e-5, 1e-5, 1e-3}, {10, 0.1, 0.01}),
     released("amazon-computers", {1e-3, 1e-3, 1e-3}, {1, 1, 0.001}),
     released("amazon-photo", {1e-3, 1e-3, 1e-3}, {1, 1, 0.001}),
     released("coauthor-cs", {1e-5, 1e-5, 1e-2}, {10, 0.1, 0.01}),
     released("coauthor-physics", {1e-5, 1e-5, 1e-2}, {10, 10, 0.01}),
     released("ogbn-arxiv", {1e-5, 1e-5, 1e-4}, {10, 0.1, 0.01}),
     released("flickr", {1e-5, 1e-5, 1e-4}, {10, 0.1, 0.01}),
     {"theory", "the theorems' regime: rho = 1, nu = 0.01 (Fig. 2), exact steps, no stages",
      [](PdadmmGParameters& p) {
        p.rho = 1;
        p.nu = 0.01;
        p.step = {};
      }}},
    {pdadmm_cost});

}  // namespace

}  // namespace admmbench
