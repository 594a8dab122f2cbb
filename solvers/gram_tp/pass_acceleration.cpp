#include "solvers/gram_tp/pass_acceleration.hpp"

#include <algorithm>

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

template <class T>
void flatten(const std::vector<arma::Mat<T>>& W, std::vector<T>& x) {
  auto to = x.begin();
  for (const arma::Mat<T>& W_l : W) to = std::copy(W_l.begin(), W_l.end(), to);
}

template <class T>
void unflatten(const std::vector<T>& x, std::vector<arma::Mat<T>>& W) {
  const T* from = x.data();
  for (arma::Mat<T>& W_l : W) {
    std::copy_n(from, W_l.n_elem, W_l.memptr());
    from += W_l.n_elem;
  }
}

}  // namespace

void PassAccelerationOptions::visit(ParameterVisitor& v) {
  v.choice("rule", rule, {"none", "momentum", "anderson"}, "extrapolation of the weights after every pass");
  if (rule == Rule::momentum || v.wants_all())
    v.real("momentum", momentum, positive, "momentum only: factor on the last pass's movement");
  if (rule == Rule::anderson || v.wants_all())
    v.integer("memory", memory, at_least_one, "anderson only: passes in the history");
}

template <class T>
void PassAcceleration<T>::initialize(const PassAccelerationOptions& options,
                                     const std::vector<arma::Mat<T>>& W) {
  options_ = options;
  passes_ = 0;
  if (!on()) return;
  std::size_t size = 0;
  for (const arma::Mat<T>& W_l : W) size += W_l.n_elem;
  g_.assign(size, T(0));
  candidate_.assign(size, T(0));
  if (options_.rule == PassAccelerationOptions::Rule::anderson) {
    x_.assign(size, T(0));
    AndersonOptions anderson;
    anderson.memory = options_.memory;
    anderson_.initialize(anderson, size);
  } else {
    previous_.assign(size, T(0));
  }
}

template <class T>
void PassAcceleration<T>::begin(const std::vector<arma::Mat<T>>& W) {
  if (options_.rule == PassAccelerationOptions::Rule::anderson) flatten(W, x_);
}

template <class T>
bool PassAcceleration<T>::propose(std::vector<arma::Mat<T>>& W) {
  if (!on()) return false;
  flatten(W, g_);
  ++passes_;
  if (options_.rule == PassAccelerationOptions::Rule::anderson) {
    if (!anderson_.apply(x_, g_, candidate_)) return false;
  } else {
    const T factor = passes_ > 1 ? static_cast<T>(options_.momentum) : T(0);
    T* c = candidate_.data();
    T* before = previous_.data();
    const T* g = g_.data();
    for_range(g_.size(), reads(g, before), writes(c, before), [=](std::size_t i) {
      c[i] = g[i] + factor * (g[i] - before[i]);
      before[i] = g[i];
    });
    if (factor == T(0)) return false;
  }
  unflatten(candidate_, W);
  return true;
}

template <class T>
void PassAcceleration<T>::settle(bool accept, std::vector<arma::Mat<T>>& W) {
  if (options_.rule == PassAccelerationOptions::Rule::anderson) anderson_.safeguard(accept);
  if (!accept) unflatten(g_, W);
}

template <class T>
void PassAcceleration<T>::reset() {
  passes_ = 0;
  if (options_.rule == PassAccelerationOptions::Rule::anderson) anderson_.reset();
}

template class PassAcceleration<float>;
template class PassAcceleration<double>;

}  // namespace admmbench
