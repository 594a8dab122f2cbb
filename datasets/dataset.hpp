#pragma once
/// A data set, loaded: what comes of one entry of `datasets:` in an experiment file.

#include <memory>
#include <string>

#include "core/problem/problem.hpp"
#include "datasets/data_request.hpp"

namespace admmbench {

/// A loaded data set, before the seed-dependent validation split.
template <class T>
struct Dataset {
  std::shared_ptr<const Samples<T>> train;
  std::shared_ptr<const Samples<T>> validation;  ///< null if the set has none
  std::shared_ptr<const Samples<T>> test;        ///< null if the set has none
  arma::uword classes = 0;                       ///< 0 for regression
  std::string source;                            ///< public addresses, or the file's name
  std::string content_sha256;                    ///< dataset_identity() of the request
  bool synthetic = false;
};

/// Loads (fetching and converting first if need be) what `request` asks for, with `train` applied and the graph
/// augmentation done. Throws DataUnavailable or DataError.
template <class T>
Dataset<T> load_dataset(const DataRequest& request);

/// Moves a fraction of the training samples, drawn by `seed`, to the validation split (key `validation`). Samples
/// keep their order within both parts. A validation split that the set has already is replaced.
template <class T>
Dataset<T> split_validation(const Dataset<T>& dataset, double fraction, std::uint64_t seed);

}  // namespace admmbench
