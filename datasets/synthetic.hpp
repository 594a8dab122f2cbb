#pragma once
/// Parameters of the synthetic data sets, always labelled synthetic: gaussian blobs, teacher-student regression with a
/// known solution, attributed stochastic block model graphs of any size. generators.hpp makes the data.

#include <string>
#include <vector>

#include "core/parameters.hpp"

namespace admmbench {

/// The registry's synthetic entries: blobs, teacher-student, sbm. `any`: not said yet.
enum class Generator { any, blobs, teacher_student, sbm };

/// One declaration for all generators; which of them reads a member is said beside it, and visit() shows the members
/// of `generator` only. Given in an experiment as `{name: blobs, params: {samples: 300, ...}}`.
struct SyntheticParameters {
  Generator generator = Generator::any;
  long seed = 0;                       ///< all: of the data; independent of the run's seed
  long samples = 300;                  ///< blobs, teacher-student: training samples
  long test_samples = 100;             ///< blobs, teacher-student
  long nodes = 1000;                   ///< sbm
  long features = 20;                  ///< all
  long classes = 3;                    ///< blobs, sbm
  long outputs = 2;                    ///< teacher-student
  std::vector<double> hidden{10, 10};  ///< teacher-student: hidden widths of the teacher
  double noise = 0;                    ///< teacher-student: standard deviation of the noise on the targets
  double separation = 4;   ///< blobs, sbm: distance of the class means, in standard deviations within a class
  double degree = 5;       ///< sbm: mean degree
  double homophily = 0.8;  ///< sbm: share of the edges inside a class

  void visit(ParameterVisitor& v);
};

/// The defaults of the registry's synthetic entry `name`. Throws DataError if there is none.
SyntheticParameters synthetic_defaults(const std::string& name);

}  // namespace admmbench
