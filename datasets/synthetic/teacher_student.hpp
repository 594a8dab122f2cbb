#pragma once
/// Regression with a known solution: a student learns the outputs of a teacher.

#include <vector>

#include "core/parameters.hpp"
#include "core/problem/network.hpp"
#include "datasets/dataset.hpp"

namespace admmbench {

/// The defaults are a teacher 8-10-10-2 and 80 samples, the problem on which the step rules are compared.
struct TeacherStudentParameters {
  long seed = 0;  ///< of the data; independent of the run's seed
  long samples = 80;
  long test_samples = 100;
  long features = 8;
  long outputs = 2;
  std::vector<double> hidden{10, 10};  ///< hidden widths of the teacher
  double noise = 0;                    ///< standard deviation of the noise on the targets

  void visit(ParameterVisitor& v);
};

/// x ~ N(0, I), t = teacher(x) + noise * N(0, I).
Dataset<double> make_teacher_student(const TeacherStudentParameters& params);

/// The known solution: relu network features-hidden-outputs with W_l ~ N(0, 2 / n_{l-1}), which keeps the scale of the
/// signal from layer to layer, and b_l ~ N(0, 0.1^2).
Network<double> teacher(const TeacherStudentParameters& params);

}  // namespace admmbench
