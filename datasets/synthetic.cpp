#include "datasets/synthetic.hpp"

#include <fmt/format.h>

#include "datasets/dataset.hpp"

namespace admmbench {

void SyntheticParameters::visit(ParameterVisitor& v) {
  constexpr Range counts{1, 1e9, false, false};
  const auto read_by = [&](std::initializer_list<Generator> generators) {
    bool listed = generator == Generator::any;
    for (const Generator candidate : generators) listed = listed || candidate == generator;
    return listed;
  };
  using enum Generator;
  v.integer("seed", seed, Range{0, 9007199254740991.0, false, false},
            "seed of the data, independent of the run's");
  if (read_by({blobs, teacher_student})) {
    v.integer("samples", samples, counts, "training samples");
    v.integer("test_samples", test_samples, Range{0, 1e9, false, false}, "test samples");
  }
  if (read_by({sbm})) v.integer("nodes", nodes, Range{2, 1e9, false, false}, "nodes of the graph");
  v.integer("features", features, counts, "features of a sample or node");
  if (read_by({blobs, sbm}))
    v.integer("classes", classes, Range{2, 1e6, false, false}, "classes, equally frequent");
  if (read_by({teacher_student})) {
    v.integer("outputs", outputs, counts, "outputs of the teacher");
    v.reals("hidden", hidden, "hidden widths of the teacher");
    v.real("noise", noise, non_negative, "standard deviation of the noise on the targets");
  }
  if (read_by({blobs, sbm})) {
    v.real("separation", separation, non_negative, "distance of class means, in deviations within a class");
  }
  if (read_by({sbm})) {
    v.real("degree", degree, non_negative, "mean degree");
    v.real("homophily", homophily, unit_interval, "share of the edges inside a class");
  }
}

SyntheticParameters synthetic_defaults(const std::string& name) {
  SyntheticParameters params;
  if (name == "blobs") {
    params.generator = Generator::blobs;
  } else if (name == "teacher-student") {
    params.generator = Generator::teacher_student;
    // The problem on which docs/methods/aa_dladmm.md compares settings: a teacher 8-10-10-2, 80 samples.
    params.samples = 80;
    params.features = 8;
  } else if (name == "sbm") {
    params.generator = Generator::sbm;
  } else {
    throw DataError(
        fmt::format("'{}' is no synthetic data set; there are blobs, teacher-student, sbm", name));
  }
  return params;
}

}  // namespace admmbench
