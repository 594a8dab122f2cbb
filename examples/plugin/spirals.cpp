/// Interleaved spiral arms in the plane, one class each: sample n of arm c lies at radius r = 0.1 + 0.9 n/(samples - 1) and
/// angle 2 pi (turns r + c/arms), moved by noise N(0, noise^2 I).

#include <cmath>
#include <numbers>

#include "core/compute/rng.hpp"
#include "datasets/generator.hpp"

namespace my_methods {

using namespace admmbench;

struct SpiralsParameters {
  long arms = 3;
  long samples = 100;
  long test_samples = 50;
  double turns = 1;
  double noise = 0.03;
  long seed = 0;

  void visit(ParameterVisitor& v) {
    v.integer("arms", arms, Range{2, 1000, false, false}, "arms, i.e. classes");
    v.integer("samples", samples, Range{2, 1e6, false, false}, "training samples of an arm");
    v.integer("test_samples", test_samples, Range{2, 1e6, false, false}, "test samples of an arm");
    v.real("turns", turns, positive, "turns of an arm");
    v.real("noise", noise, non_negative, "standard deviation of the noise");
    v.integer("seed", seed, non_negative, "seed of the data, independent of the run's");
  }
};

namespace {

std::shared_ptr<const Samples<double>> draw(const SpiralsParameters& p, long samples, std::uint64_t stream) {
  Rng rng(static_cast<std::uint64_t>(p.seed), stream);
  const auto size = static_cast<arma::uword>(samples * p.arms);
  auto result = std::make_shared<Samples<double>>();
  result->x.set_size(2, size);
  fill_normal(rng, p.noise, result->x);
  result->labels.set_size(size);
  for (arma::uword i = 0; i < size; ++i) {
    const auto arm = i % static_cast<arma::uword>(p.arms);
    const double r = 0.1 + 0.9 * static_cast<double>(i / static_cast<arma::uword>(p.arms)) /
                               static_cast<double>(samples - 1);
    const double angle =
        2 * std::numbers::pi * (p.turns * r + static_cast<double>(arm) / static_cast<double>(p.arms));
    result->x(0, i) += r * std::cos(angle);
    result->x(1, i) += r * std::sin(angle);
    result->labels[i] = arm;
  }
  result->targets = one_hot<double>(result->labels, static_cast<arma::uword>(p.arms));
  return result;
}

Dataset<double> make_spirals(const SpiralsParameters& p) {
  Dataset<double> dataset;
  dataset.train = draw(p, p.samples, 0);
  dataset.test = draw(p, p.test_samples, 1);
  dataset.classes = static_cast<arma::uword>(p.arms);
  return dataset;
}

const RegisterDataset<SpiralsParameters> registered("spirals", "interleaved spiral arms in the plane",
                                                    make_spirals);

}  // namespace

}  // namespace my_methods
