#include "core/problem/network.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "core/compute/rng.hpp"

namespace admmbench {

namespace {
constexpr double initial_deviation = 0.1;
/// Columns per forward block: the hidden activations of a block stay in the outer caches.
constexpr arma::uword forward_block = 2048;
}  // namespace

template <class T>
void draw_weights(Rng& rng, Start start, arma::Mat<T>& W) {
  if (start == Start::independent) {
    fill_normal(rng, initial_deviation, W);
    return;
  }
  arma::Mat<T> rows(W.n_cols, W.n_rows);
  fill_normal(rng, initial_deviation, rows);
  W = rows.t();
}

template <class T>
Network<T> gaussian_network(const std::vector<arma::uword>& widths, std::uint64_t seed, Start start) {
  Network<T> network;
  std::uint64_t array = 0;
  const auto next_stream = [&] { return start == Start::reseeded ? 0 : array++; };
  for (std::size_t l = 1; l < widths.size(); ++l) {
    network.W.emplace_back(widths[l], widths[l - 1]);
    Rng weights(seed, next_stream());
    draw_weights(weights, start, network.W.back());
    network.b.emplace_back(widths[l]);
    Rng biases(seed, next_stream());
    fill_normal(biases, initial_deviation, network.b.back());
  }
  return network;
}

/// The same numbers with other deviations, and zero biases. `deviation`: of the weights of a layer with so many inputs.
template <class T, class Deviation>
Network<T> scaled_network(const std::vector<arma::uword>& widths, std::uint64_t seed, Deviation deviation) {
  Network<T> network = gaussian_network<T>(widths, seed, Start::independent);
  for (arma::uword l = 0; l < network.layers(); ++l) {
    network.W[l] *= static_cast<T>(deviation(static_cast<double>(widths[l])) / initial_deviation);
    network.b[l].zeros();
  }
  return network;
}

template <class T>
Network<T> initial_weights(InitialWeights law, const std::vector<arma::uword>& widths, std::uint64_t seed) {
  switch (law) {
    case InitialWeights::he:
      return scaled_network<T>(widths, seed, [](double inputs) { return std::sqrt(2.0 / inputs); });
    case InitialWeights::small:
      return scaled_network<T>(widths, seed, [](double) { return 0.01; });
    case InitialWeights::gaussian:
      break;
  }
  return gaussian_network<T>(widths, seed);
}

void visit_initial_weights(ParameterVisitor& v, InitialWeights& weights) {
  v.choice("weights", weights, {"gaussian", "he", "small"},
           "initial weights: N(0, 0.1^2); with zero biases N(0, 2/n_{l-1}) (He et al., ICCV 2015) or N(0, "
           "0.01^2)");
}

template <class T>
Network<T> joint_views(std::vector<arma::Mat<T>>& Wb) {
  Network<T> network;
  // Growing a vector would copy the views, and copies own their memory.
  network.W.reserve(Wb.size());
  network.b.reserve(Wb.size());
  for (arma::Mat<T>& joint : Wb) {
    const arma::uword inputs = joint.n_cols - 1;
    network.W.emplace_back(joint.memptr(), joint.n_rows, inputs, false, true);
    network.b.emplace_back(joint.colptr(inputs), joint.n_rows, false, true);
  }
  return network;
}

template <class T>
void copy_weights(const std::vector<arma::Mat<T>>& from, std::vector<arma::Mat<T>>& to) {
  for (std::size_t l = 0; l < from.size(); ++l) {
    copy(from[l], to[l]);
  }
}

template <class T>
std::vector<double> relative_changes(const Network<T>& current, const Network<T>& initial,
                                     std::optional<double> first) {
  std::vector<double> changes;
  for (arma::uword l = 0; l < std::min(current.layers(), initial.layers()); ++l) {
    if (l == 0 && first) {
      changes.push_back(*first);
      continue;
    }
    const arma::Mat<T>& W = current.W[l];
    const arma::Mat<T>& start = initial.W[l];
    if (arma::size(W) != arma::size(start)) {
      changes.push_back(std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    double moved = 0;
    for (arma::uword i = 0; i < W.n_elem; ++i) {
      const double d = static_cast<double>(W[i]) - static_cast<double>(start[i]);
      moved += d * d;
    }
    changes.push_back(std::sqrt(moved / norm2(start)));
  }
  return changes;
}

template <class T>
void forward(const Network<T>& network, Activation f, const arma::Mat<T>& x, ForwardWorkspace<T>& workspace,
             arma::Mat<T>& out) {
  const arma::uword layers = network.layers();
  out.set_size(network.W.back().n_rows, x.n_cols);
  workspace.layer.resize(layers);
  for (arma::uword first = 0; first < x.n_cols; first += forward_block) {
    const arma::uword columns = std::min(forward_block, x.n_cols - first);
    const arma::Mat<T> block(const_cast<T*>(x.colptr(first)), x.n_rows, columns, false, true);
    const arma::Mat<T>* input = &block;
    for (arma::uword l = 0; l < layers; ++l) {
      arma::Mat<T>& z = workspace.layer[l];
      z.set_size(network.W[l].n_rows, columns);
      gemm(Op::none, Op::none, T(1), network.W[l], *input, T(0), z);
      add_column(z, network.b[l]);
      if (l + 1 < layers) activate(f, z, z);
      input = &z;
    }
    std::copy(input->begin(), input->end(), out.colptr(first));
    count_pass(reads(*input), writes(out));
  }
}

template <class T>
void forward_from_first(const Network<T>& network, Activation f, arma::Mat<T>& z1,
                        ForwardWorkspace<T>& workspace, arma::Mat<T>& out) {
  const arma::uword layers = network.layers();
  workspace.layer.resize(layers);
  arma::Mat<T>* z = &z1;
  for (arma::uword l = 0; l < layers; ++l) {
    if (l > 0) {
      arma::Mat<T>& next = workspace.layer[l];
      next.set_size(network.W[l].n_rows, z1.n_cols);
      gemm(Op::none, Op::none, T(1), network.W[l], *z, T(0), next);
      z = &next;
    }
    add_column(*z, network.b[l]);
    if (l + 1 < layers) activate(f, *z, *z);
  }
  copy(*z, out);
}

template <class T>
Evaluation evaluate(const Network<T>& network, const Problem<T>& problem, const Samples<T>& samples,
                    ForwardWorkspace<T>& workspace) {
  arma::Mat<T> z;
  forward(network, problem.activation, samples.x, workspace, z);
  return evaluate_outputs(z, problem.loss, samples);
}

template <class T>
Evaluation evaluate_outputs(const arma::Mat<T>& z, Loss loss, const Samples<T>& samples) {
  Evaluation result;
  const auto count = static_cast<double>(samples.size());
  result.mean_loss = loss_value(loss, z, samples.targets) / count;
  if (samples.has_labels()) {
    arma::uword right = 0;
    for (arma::uword n = 0; n < z.n_cols; ++n) {
      const T* column = z.colptr(n);
      const auto best = static_cast<arma::uword>(std::max_element(column, column + z.n_rows) - column);
      if (best == samples.labels[n]) ++right;
    }
    result.accuracy = static_cast<double>(right) / count;
  }
  return result;
}

template void draw_weights(Rng&, Start, arma::Mat<float>&);
template void draw_weights(Rng&, Start, arma::Mat<double>&);
template Network<float> gaussian_network(const std::vector<arma::uword>&, std::uint64_t, Start);
template Network<double> gaussian_network(const std::vector<arma::uword>&, std::uint64_t, Start);
template Network<float> initial_weights(InitialWeights, const std::vector<arma::uword>&, std::uint64_t);
template Network<double> initial_weights(InitialWeights, const std::vector<arma::uword>&, std::uint64_t);
template Network<float> joint_views(std::vector<arma::Mat<float>>&);
template Network<double> joint_views(std::vector<arma::Mat<double>>&);
template void copy_weights(const std::vector<arma::Mat<float>>&, std::vector<arma::Mat<float>>&);
template void copy_weights(const std::vector<arma::Mat<double>>&, std::vector<arma::Mat<double>>&);
template std::vector<double> relative_changes(const Network<float>&, const Network<float>&,
                                              std::optional<double>);
template std::vector<double> relative_changes(const Network<double>&, const Network<double>&,
                                              std::optional<double>);
template void forward(const Network<float>&, Activation, const arma::Mat<float>&, ForwardWorkspace<float>&,
                      arma::Mat<float>&);
template void forward(const Network<double>&, Activation, const arma::Mat<double>&, ForwardWorkspace<double>&,
                      arma::Mat<double>&);
template void forward_from_first(const Network<float>&, Activation, arma::Mat<float>&,
                                 ForwardWorkspace<float>&, arma::Mat<float>&);
template void forward_from_first(const Network<double>&, Activation, arma::Mat<double>&,
                                 ForwardWorkspace<double>&, arma::Mat<double>&);
template Evaluation evaluate_outputs(const arma::Mat<float>&, Loss, const Samples<float>&);
template Evaluation evaluate_outputs(const arma::Mat<double>&, Loss, const Samples<double>&);
template Evaluation evaluate(const Network<float>&, const Problem<float>&, const Samples<float>&,
                             ForwardWorkspace<float>&);
template Evaluation evaluate(const Network<double>&, const Problem<double>&, const Samples<double>&,
                             ForwardWorkspace<double>&);

}  // namespace admmbench
