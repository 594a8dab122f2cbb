#include "solvers/pdadmm/greedy_stages.hpp"

#include <cmath>
#include <stdexcept>
#include <string>

#include "core/compute/rng.hpp"

namespace admmbench {

void StagePlan::visit(ParameterVisitor& v) {
  v.reals("stages", layers,
          "layer counts of greedy training, e.g. [2, 5, 10]; the last is the net's; empty: all at once");
  const ListForm per_stage{.stages = count()};
  v.reals("stage_iterations", iterations, at_least_one, {.least = "one value", .stages = count()},
          "iterations of each stage (one value, or one per stage); the last goes on");
  v.reals("stage_rho", rho, positive, per_stage, "rho = nu at the start of each stage; empty: rho and nu");
  v.reals("stage_mu", mu, non_negative, per_stage, "mu of each stage; empty: mu");
}

double StagePlan::value(const std::vector<double>& list, std::size_t stage, double otherwise) const {
  return list.empty() ? otherwise : entry_of_stage(list, stage);
}

arma::uword StagePlan::depth(std::size_t stage, arma::uword full_depth) const {
  return layers.empty() ? full_depth : static_cast<arma::uword>(layers[stage]);
}

long StagePlan::length(std::size_t stage) const { return static_cast<long>(value(iterations, stage, 0)); }

void StagePlan::check_length(const std::string& name, std::size_t entries) const {
  if (entries == 1 || entries == count()) return;
  throw std::invalid_argument(name + ": has " + std::to_string(entries) + " values for " +
                              std::to_string(count()) + " stages; needs one value, or one per stage");
}

void StagePlan::check(arma::uword full_depth) const {
  const auto fail = [](const std::string& message) { throw std::invalid_argument(message); };
  const auto whole = [](double x) { return x >= 1 && x == std::floor(x); };
  if (!layers.empty()) {
    double before = 1;
    for (const double d : layers) {
      if (!whole(d) || d <= before) {
        fail("stages: layer counts must be whole numbers of at least 2 that increase, e.g. [2, 5, 10]");
      }
      before = d;
    }
    if (before != static_cast<double>(full_depth)) {
      fail("stages: the last entry must be the number of layers of the network, " +
           std::to_string(full_depth) + " (hidden layers + 1), but is " +
           std::to_string(static_cast<long>(before)));
    }
  }
  check_length("stage_iterations", iterations.size());
  for (const double n : iterations) {
    if (!whole(n)) fail("stage_iterations: must be whole numbers of at least 1");
  }
  if (!rho.empty()) check_length("stage_rho", rho.size());
  if (!mu.empty()) check_length("stage_mu", mu.size());
  for (const double r : rho) {
    if (!(r > 0)) fail("stage_rho: values must be > 0");
  }
  for (const double m : mu) {
    if (!(m >= 0)) fail("stage_mu: values must be >= 0");
  }
}

std::vector<arma::uword> stage_widths(const std::vector<arma::uword>& widths, arma::uword depth) {
  std::vector<arma::uword> result(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(depth));
  result.push_back(widths.back());
  return result;
}

namespace {

/// An output layer N(0, 0.1^2) of `inputs` inputs. The streams follow those of the full net's own arrays.
template <class T>
void draw_output_layer(Network<T>& network, arma::uword outputs, arma::uword inputs, std::uint64_t stream,
                       std::uint64_t seed, Start start) {
  constexpr double deviation = 0.1;
  Rng weights(seed, start == Start::reseeded ? 0 : stream);
  network.W.emplace_back(outputs, inputs);
  draw_weights(weights, start, network.W.back());
  Rng biases(seed, start == Start::reseeded ? 0 : stream + 1);
  network.b.emplace_back(outputs);
  fill_normal(biases, deviation, network.b.back());
}

template <class T>
void add_identity_layer(Network<T>& network, arma::uword outputs, arma::uword inputs) {
  network.W.emplace_back(outputs, inputs, arma::fill::eye);
  network.b.emplace_back(outputs, arma::fill::zeros);
}

}  // namespace

template <class T>
Network<T> first_stage(const Network<T>& full, const std::vector<arma::uword>& widths, arma::uword depth,
                       std::uint64_t seed, Start start) {
  Network<T> network;
  for (arma::uword l = 1; l < depth; ++l) {
    network.W.push_back(full.W[l - 1]);
    network.b.push_back(full.b[l - 1]);
  }
  if (full.W.back().n_cols == widths[depth - 1]) {
    network.W.push_back(full.W.back());
    network.b.push_back(full.b.back());
  } else {
    draw_output_layer(network, widths.back(), widths[depth - 1], 2 * full.layers(), seed, start);
  }
  return network;
}

template <class T>
Network<T> grow(Network<T> trained, const std::vector<arma::uword>& widths, arma::uword depth,
                std::size_t stage, bool identity_output, std::uint64_t seed, Start start) {
  trained.W.pop_back();
  trained.b.pop_back();
  for (arma::uword l = trained.layers() + 1; l < depth; ++l)
    add_identity_layer(trained, widths[l], widths[l - 1]);
  if (identity_output) {
    add_identity_layer(trained, widths.back(), widths[depth - 1]);
  } else {
    const arma::uword full_depth = widths.size() - 1;
    draw_output_layer(trained, widths.back(), widths[depth - 1], 2 * (full_depth + stage), seed, start);
  }
  return trained;
}

template Network<float> first_stage(const Network<float>&, const std::vector<arma::uword>&, arma::uword,
                                    std::uint64_t, Start);
template Network<double> first_stage(const Network<double>&, const std::vector<arma::uword>&, arma::uword,
                                     std::uint64_t, Start);
template Network<float> grow(Network<float>, const std::vector<arma::uword>&, arma::uword, std::size_t, bool,
                             std::uint64_t, Start);
template Network<double> grow(Network<double>, const std::vector<arma::uword>&, arma::uword, std::size_t,
                              bool, std::uint64_t, Start);

}  // namespace admmbench
