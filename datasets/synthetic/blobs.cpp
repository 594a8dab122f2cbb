#include "datasets/synthetic/blobs.hpp"

#include <cmath>

#include "datasets/generator.hpp"
#include "datasets/synthetic/streams.hpp"

namespace admmbench {

void BlobsParameters::visit(ParameterVisitor& v) {
  v.integer("seed", seed, data_seeds, data_seed_meaning);
  v.integer("samples", samples, data_counts, "training samples");
  v.integer("test_samples", test_samples, Range{0, 1e9, false, false}, "test samples");
  v.integer("features", features, data_counts, "features of a sample or node");
  v.integer("classes", classes, Range{2, 1e6, false, false}, "classes, equally frequent");
  v.real("separation", separation, non_negative, "distance of class means, in deviations within a class");
}

/// Two means are N(0, 2 s^2 I) apart: a mean squared distance of 2 s^2 features.
arma::mat class_means(long seed, long features, long classes, double separation) {
  arma::mat result(static_cast<arma::uword>(features), static_cast<arma::uword>(classes));
  Rng rng = stream(seed, Stream::means);
  fill_normal(rng, separation / std::sqrt(2.0 * static_cast<double>(features)), result);
  return result;
}

arma::mat noisy_means(Rng rng, const arma::mat& means_of_classes, const arma::Row<arma::uword>& labels) {
  arma::mat x(means_of_classes.n_rows, labels.n_elem);
  fill_normal(rng, 1.0, x);
  for (arma::uword n = 0; n < labels.n_elem; ++n) x.col(n) += means_of_classes.col(labels(n));
  return x;
}

namespace {

std::shared_ptr<const Samples<double>> blob_samples(Rng rng, const arma::mat& means_of_classes, long size) {
  if (size == 0) return nullptr;
  arma::Row<arma::uword> labels(static_cast<arma::uword>(size));
  for (arma::uword n = 0; n < labels.n_elem; ++n) labels(n) = n % means_of_classes.n_cols;
  auto samples = std::make_shared<Samples<double>>();
  samples->x = noisy_means(rng, means_of_classes, labels);
  samples->targets = one_hot<double>(labels, means_of_classes.n_cols);
  samples->labels = std::move(labels);
  return samples;
}

}  // namespace

Dataset<double> make_blobs(const BlobsParameters& params) {
  const arma::mat centres = class_means(params.seed, params.features, params.classes, params.separation);
  Dataset<double> dataset;
  dataset.train = blob_samples(stream(params.seed, Stream::train_noise), centres, params.samples);
  dataset.test = blob_samples(stream(params.seed, Stream::test_noise), centres, params.test_samples);
  dataset.classes = centres.n_cols;
  return dataset;
}

namespace {
const RegisterDataset<BlobsParameters> registered("blobs", "gaussian blobs, one per class", make_blobs,
                                                  synthetic_version);
}  // namespace

}  // namespace admmbench
