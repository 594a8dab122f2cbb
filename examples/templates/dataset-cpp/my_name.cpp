#include "my_name.hpp"

#include <cmath>
#include <numbers>

#include "core/compute/rng.hpp"

namespace mine {

using namespace admmbench;

void MyNameParameters::visit(ParameterVisitor& v) {
  v.integer("rings", rings, Range{2, 1000, false, false}, "rings, i.e. classes");
  v.integer("samples", samples, Range{2, 1e6, false, false},
            "training samples of a ring; half as many to validate and to test");
  v.real("noise", noise, non_negative, "standard deviation of the noise");
  v.integer("seed", seed, non_negative, "seed of the data, independent of the run's");
}

namespace {

/// Every split has a stream of random numbers of its own. Draw through core/compute/rng.hpp only: the data are the same everywhere then.
enum class Split : std::uint64_t { train, validation, test };

std::shared_ptr<const Samples<double>> draw(const MyNameParameters& p, long of_a_ring, Split split) {
  Rng rng(static_cast<std::uint64_t>(p.seed), static_cast<std::uint64_t>(split));
  const auto rings = static_cast<arma::uword>(p.rings);
  const arma::uword size = static_cast<arma::uword>(of_a_ring) * rings;
  auto result = std::make_shared<Samples<double>>();
  result->x.set_size(2, size);  // samples are columns
  fill_normal(rng, p.noise, result->x);
  result->labels.set_size(size);
  for (arma::uword n = 0; n < size; ++n) {
    const arma::uword ring = n % rings;
    const double radius = static_cast<double>(ring + 1);
    const double angle = 2 * std::numbers::pi * rng.uniform();
    result->x(0, n) += radius * std::cos(angle);
    result->x(1, n) += radius * std::sin(angle);
    result->labels[n] = ring;
  }
  result->targets = one_hot<double>(result->labels, rings);
  return result;
}

}  // namespace

Dataset<double> make_my_name(const MyNameParameters& p) {
  Dataset<double> dataset;
  dataset.train = draw(p, p.samples, Split::train);
  // For `tune:`, which chooses on nothing else. Left out, an experiment needs `validation: 0.1`, a share of the training samples.
  dataset.validation = draw(p, p.samples / 2, Split::validation);
  dataset.test = draw(p, p.samples / 2, Split::test);
  dataset.classes = static_cast<arma::uword>(p.rings);
  return dataset;
}

namespace {

const RegisterDataset<MyNameParameters> registered("my-name", "rings around the origin, one class each",
                                                   make_my_name);

}  // namespace

}  // namespace mine
