#include "solvers/aa_dladmm/aa_dladmm.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "core/compute/parallel_pass.hpp"
#include "solvers/aa_dladmm/cost.hpp"

namespace admmbench {

namespace {

using Base = AaDladmmParameters::Base;

const std::vector<std::string> base_names{"dlam", "dladmm", "pdadmm"};

/// Floor of a block's scale: 0.1 per entry, the standard deviation of the default initial weights.
constexpr double smallest_entry = 0.1;

// Rule summable: the allowances initial merit * share * (accepted + 1)^-power have a finite sum (Zhang, O'Donoghue,
// Boyd, SIAM J. Optim. 30, 2020, section 3, with a share that is tight enough to matter within 200 iterations).
constexpr double summable_share = 0.1;
constexpr double summable_power = 1.1;

}  // namespace

void Safeguard::visit(ParameterVisitor& v) {
  v.choice("rule", rule, {"monotone", "summable"},
           "the merit must not exceed the last accepted one, or not by more than a summable allowance");
  v.choice("merit", merit, {"objective", "residual"},
           "the base's objective, or its combined primal-dual residual");
}

void AaDladmmParameters::visit(ParameterVisitor& v) {
  v.choice("base", base, base_names, "method whose iteration is the map G");
  v.choice("variables", variables, {"state", "weights"},
           "accelerate every variable, or W and b only and re-derive the others");
  acceleration.visit(v);
  v.group("safeguard", safeguard, "when an accelerated point is accepted");
  v.group("base_params", base_params(), "parameters of the base; its step rule is lipschitz unless given");
}

ConfiguredSolver& AaDladmmParameters::base_params() {
  if (!base_params_ || base_of_params_ != base) {
    const std::string& name = base_names[static_cast<std::size_t>(base)];
    const SolverInfo* info = find_solver(name);
    if (info == nullptr) throw std::logic_error("aa_dladmm: base method " + name + " is not registered");
    base_params_ = info->make_default();
    base_of_params_ = base;
    prefer_word(*base_params_, "step.rule", "lipschitz");
  }
  return *base_params_;
}

template <class T>
AaDladmm<T>::AaDladmm(AaDladmmParameters parameters)
    : variables_(parameters.variables), options_(parameters.acceleration), safeguard_(parameters.safeguard) {
  std::unique_ptr<Solver<T>> base = parameters.base_params().template make<T>();
  auto* map = dynamic_cast<FixedPointSolver<T>*>(base.get());
  if (map == nullptr) throw std::logic_error("aa_dladmm: the base method is not a fixed-point map");
  static_cast<void>(base.release());  // base_ owns it from here
  base_.reset(map);
}

template <class T>
void AaDladmm<T>::start(Network<T> initial, std::uint64_t seed) {
  if (this->team() != nullptr) base_->share(*this->team());
  base_->initialize(this->problem(), std::move(initial), seed);
  anderson_ = {};
  x_.clear();  // sized with it
  candidate_waits_ = false;
  if (options_.memory == 0) return;
  size_buffers();
  map_version_ = base_->map_version();
  first_merit_ = reference_ = std::numeric_limits<double>::quiet_NaN();
  if (safeguard_.merit == Safeguard::Merit::objective) first_merit_ = reference_ = base_->objective();
}

/// For the base's variables as they are now: addresses, scales, all memory.
template <class T>
void AaDladmm<T>::size_buffers() {
  blocks_ = base_->blocks();
  layers_ = base_->network().layers();
  const SampleSum sum = this->sample_sum();
  const std::size_t here = this->problem().samples();
  const std::size_t samples = this->problem().total_samples();
  std::vector<double> norms;
  std::vector<AndersonPart> parts;
  std::size_t size = 0;
  std::size_t all = 0;
  for (const Block& block : blocks_) {
    const std::size_t entries = block.values.size();
    double norm2 = 0;
    for (const T value : block.values) norm2 += static_cast<double>(value) * static_cast<double>(value);
    norms.push_back(sum.leads() || !block.is_weight ? norm2 : 0);
    all += entries;
    if (!accelerated(block)) continue;
    parts.push_back({size, entries, block.is_weight ? 0 : entries / here});
    size += entries;
  }
  sum.entries(norms.data(), norms.size());
  scale_.clear();
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    const std::size_t entries = blocks_[b].values.size();
    const auto of_all = static_cast<double>(blocks_[b].is_weight ? entries : entries / here * samples);
    scale_.push_back(static_cast<T>(1 / std::max(std::sqrt(norms[b]), smallest_entry * std::sqrt(of_all))));
  }
  kept_.resize(all);
  if (x_.size() == size) return;
  x_.resize(size);
  g_.resize(size);
  candidate_.resize(size);
  anderson_.initialize(options_, size, std::move(parts), sum);
}

template <class T>
void AaDladmm<T>::step() {
  if (options_.memory == 0) {
    base_->step();
  } else if (safeguard_.merit == Safeguard::Merit::objective) {
    step_judged_by_objective();
  } else {
    step_judged_by_residual();
  }
}

/// x_k is in the base; G_k, then x_{k+1} at once.
template <class T>
void AaDladmm<T>::step_judged_by_objective() {
  gather(x_);
  base_->step();
  if (map_changed()) {
    reference_ = base_->objective();
    return;
  }
  gather(g_);
  if (!anderson_.apply(x_, g_, candidate_)) {
    reference_ = base_->objective();
    return;
  }
  keep_state();
  write_candidate();
  double merit = base_->objective();
  const bool accept = acceptable(merit);
  anderson_.safeguard(accept);
  if (!accept) {
    restore_state();
    merit = base_->objective();
  }
  reference_ = merit;
}

/// G_{k-1} is in the base; x_k is it, or the accelerated point that waits for its residual.
template <class T>
void AaDladmm<T>::step_judged_by_residual() {
  if (candidate_waits_) {
    keep_state();
    write_candidate();
  }
  gather(x_);
  base_->step();
  const bool changed = map_changed();
  const double merit = base_->combined_residual();
  if (candidate_waits_) {
    candidate_waits_ = false;
    // Residuals of different maps do not compare.
    const bool accept = changed || acceptable(merit);
    anderson_.safeguard(accept);
    if (!accept) {
      restore_state();
      return;
    }
  }
  reference_ = merit;
  if (std::isnan(first_merit_)) first_merit_ = merit;
  if (changed) return;
  gather(g_);
  candidate_waits_ = anderson_.apply(x_, g_, candidate_);
}

/// If G itself changed in the last step, forgets the history of the old map.
template <class T>
bool AaDladmm<T>::map_changed() {
  if (base_->map_version() == map_version_) return false;
  map_version_ = base_->map_version();
  // A stage of pdADMM handed over to a deeper one: other variables.
  if (base_->network().layers() != layers_) size_buffers();
  anderson_.reset();
  return true;
}

template <class T>
bool AaDladmm<T>::acceptable(double merit) const {
  double limit = reference_;
  if (safeguard_.rule == Safeguard::Rule::summable) {
    const auto accepted = static_cast<double>(anderson_.statistics().accepted);
    limit += summable_share * std::abs(first_merit_) * std::pow(accepted + 1, -summable_power);
  }
  return merit <= limit;  // false if either is NaN
}

template <class T>
void AaDladmm<T>::gather(std::vector<T>& scaled) const {
  auto out = scaled.begin();
  count_pass(2 * sizeof(T) * scaled.size());
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    if (!accelerated(blocks_[b])) continue;
    for (const T value : blocks_[b].values) *out++ = scale_[b] * value;
  }
}

/// Puts candidate_ into the base, which projects it onto its constraints or re-derives what does not belong to it.
template <class T>
void AaDladmm<T>::write_candidate() {
  auto in = candidate_.begin();
  count_pass(2 * sizeof(T) * candidate_.size());
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    if (!accelerated(blocks_[b])) continue;
    for (T& value : blocks_[b].values) value = *in++ / scale_[b];
  }
  if (variables_ == AaDladmmParameters::Variables::state) {
    base_->variables_changed();
  } else {
    base_->weights_changed();
  }
}

template <class T>
void AaDladmm<T>::keep_state() {
  auto out = kept_.begin();
  count_pass(2 * sizeof(T) * kept_.size());
  for (const Block& block : blocks_) out = std::copy(block.values.begin(), block.values.end(), out);
}

template <class T>
void AaDladmm<T>::restore_state() {
  auto in = kept_.begin();
  count_pass(2 * sizeof(T) * kept_.size());
  for (const Block& block : blocks_) {
    const auto end = in + static_cast<std::ptrdiff_t>(block.values.size());
    std::copy(in, end, block.values.begin());
    in = end;
  }
  base_->variables_changed();
}

template <class T>
void AaDladmm<T>::archive(StateArchive& archive) {
  base_->archive(archive);
  if (options_.memory == 0) return;
  if (base_->network().layers() != layers_) size_buffers();  // restored into a deeper stage
  archive(anderson_, scale_);
  anderson_.archive_parts(archive, candidate_.data());
  archive(candidate_waits_, reference_, first_merit_, map_version_);
}

template <class T>
Diagnostics AaDladmm<T>::diagnostics() const {
  Diagnostics result = base_->diagnostics();
  const AndersonStatistics& counts = anderson_.statistics();
  const auto add = [&](const char* name, long value) {
    result.named.emplace_back(name, static_cast<double>(value));
  };
  add("aa_accepted", counts.accepted);
  add("aa_rejected", counts.rejected());
  add("aa_rejected_nonfinite", counts.rejected_nonfinite);
  add("aa_rejected_rank", counts.rejected_rank);
  add("aa_rejected_weight_cap", counts.rejected_weight_cap);
  add("aa_rejected_safeguard", counts.rejected_safeguard);
  return result;
}

template class AaDladmm<float>;
template class AaDladmm<double>;

namespace {

const RegisterSolver<AaDladmmParameters, AaDladmm> registered(
    "aa_dladmm",
    "AA-DLADMM: Anderson acceleration of dlam, dladmm or pdadmm (reconstruction: the paper's text was not "
    "available)",
    "Ebrahimi, Batista, Deghat: AA-DLADMM, arXiv 2401.03619 (reconstruction: the paper's text was not "
    "available); "
    "Zhang, Peng, Ouyang, Deng: Accelerating ADMM for Efficient Simulation and Optimization, TOG 38 (2019)",
    {}, {aa_dladmm_cost});

}  // namespace

}  // namespace admmbench
