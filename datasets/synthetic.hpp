#pragma once
/// Synthetic data sets, always labelled synthetic: gaussian blobs, teacher-student regression with a known solution,
/// attributed stochastic block model graphs of any size.

#include <cstdint>

#include "core/parameters.hpp"

namespace admmbench {

/// One declaration for all generators; each generator documents which members it reads. Given in an experiment as
/// `{name: blobs, params: {samples: 300, ...}}`.
struct SyntheticParameters {
  long seed = 0;           ///< of the data; independent of the run's seed
  long samples = 300;      ///< training samples (blobs, teacher-student); nodes (sbm)
  long test_samples = 100; ///< blobs, teacher-student
  long features = 20;
  long classes = 3;        ///< blobs, sbm; outputs of teacher-student
  double noise = 0.0;      ///< teacher-student: deviation of the target noise; blobs: deviation within a class (0: 1.0)
  double separation = 2.0; ///< blobs: distance scale of the class means; sbm: strength of the attribute signal
  std::vector<double> hidden{10, 10};  ///< teacher-student: hidden widths of the teacher
  double degree = 5.0;     ///< sbm: mean degree
  double homophily = 0.8;  ///< sbm: share of edges inside a class

  void visit(ParameterVisitor& v);
};

}  // namespace admmbench
