#pragma once
/// Gaussian blobs, one per class.

#include "core/compute/rng.hpp"
#include "core/parameters.hpp"
#include "datasets/dataset.hpp"

namespace admmbench {

struct BlobsParameters {
  long seed = 0;  ///< of the data; independent of the run's seed
  long samples = 300;
  long test_samples = 100;
  long features = 20;
  long classes = 3;
  double separation = 4;  ///< distance of the class means, in standard deviations within a class

  void visit(ParameterVisitor& v);
};

/// x = mean of the class + N(0, I). Sample n belongs to class n mod classes.
Dataset<double> make_blobs(const BlobsParameters& params);

/// Means, features x classes: independent N(0, s^2 I) with s chosen so that the mean squared distance of two of them is
/// separation^2.
arma::mat class_means(long seed, long features, long classes, double separation);

/// A column per label: its class's mean + N(0, I).
arma::mat noisy_means(Rng rng, const arma::mat& means_of_classes, const arma::Row<arma::uword>& labels);

}  // namespace admmbench
