#include "datasets/synthetic/teacher_student.hpp"

#include <fmt/format.h>

#include <cmath>

#include "datasets/generator.hpp"
#include "datasets/synthetic/streams.hpp"

namespace admmbench {

void TeacherStudentParameters::visit(ParameterVisitor& v) {
  v.integer("seed", seed, data_seeds, data_seed_meaning);
  v.integer("samples", samples, data_counts, "training samples");
  v.integer("test_samples", test_samples, Range{0, 1e9, false, false}, "test samples");
  v.integer("features", features, data_counts, "features of a sample or node");
  v.integer("outputs", outputs, data_counts, "outputs of the teacher");
  v.reals("hidden", hidden, "hidden widths of the teacher");
  v.real("noise", noise, non_negative, "standard deviation of the noise on the targets");
}

Network<double> teacher(const TeacherStudentParameters& params) {
  std::vector<arma::uword> widths{static_cast<arma::uword>(params.features)};
  for (const double width : params.hidden) {
    if (!(width >= 1 && width == std::floor(width))) {
      throw DataError(fmt::format("teacher-student: hidden width {} is not a positive integer", width));
    }
    widths.push_back(static_cast<arma::uword>(width));
  }
  widths.push_back(static_cast<arma::uword>(params.outputs));
  Rng rng = stream(params.seed, Stream::weights);
  Network<double> network;
  for (std::size_t l = 1; l < widths.size(); ++l) {
    fill_normal(rng, std::sqrt(2.0 / static_cast<double>(widths[l - 1])),
                network.W.emplace_back(widths[l], widths[l - 1]));
    arma::mat b(widths[l], 1);
    fill_normal(rng, 0.1, b);
    network.b.emplace_back(b);
  }
  return network;
}

namespace {

std::shared_ptr<const Samples<double>> teacher_samples(Rng rng, const Network<double>& network, double noise,
                                                       long size) {
  if (size == 0) return nullptr;
  arma::mat x(network.W.front().n_cols, static_cast<arma::uword>(size));
  fill_normal(rng, 1.0, x);
  arma::mat targets;
  ForwardWorkspace<double> workspace;
  forward(network, Activation::relu, x, workspace, targets);
  arma::mat deviation(arma::size(targets));
  fill_normal(rng, noise, deviation);
  auto samples = std::make_shared<Samples<double>>();
  samples->x = x;
  samples->targets = targets + deviation;
  return samples;
}

}  // namespace

Dataset<double> make_teacher_student(const TeacherStudentParameters& params) {
  const Network<double> network = teacher(params);
  const auto samples = [&](Stream noise, long size) {
    return teacher_samples(stream(params.seed, noise), network, params.noise, size);
  };
  Dataset<double> dataset;
  dataset.train = samples(Stream::train_noise, params.samples);
  dataset.test = samples(Stream::test_noise, params.test_samples);
  return dataset;
}

namespace {
const RegisterDataset<TeacherStudentParameters> registered(
    "teacher-student", "regression on the outputs of a known network, the teacher", make_teacher_student,
    synthetic_version);
}  // namespace

}  // namespace admmbench
