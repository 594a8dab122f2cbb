#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>
#include <set>

#include "datasets/generator.hpp"
#include "datasets/synthetic/blobs.hpp"
#include "datasets/synthetic/block_model.hpp"
#include "datasets/synthetic/teacher_student.hpp"
#include "tests/support/set_parameters.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(synthetic_test)

namespace {

DataRequest request_of(const std::string& name) {
  DataRequest request;
  request.name = request.label = name;
  request.generator = find_generated_dataset(name)->make_default();
  return request;
}

}  // namespace

BOOST_AUTO_TEST_CASE(blobs_are_where_they_should_be) {
  BlobsParameters params;
  params.samples = 6000;
  params.features = 200;
  const auto dataset = make_blobs(params);
  BOOST_TEST(dataset.classes == 3u);
  BOOST_TEST(dataset.train->size() == 6000u);
  BOOST_TEST(dataset.test->size() == 100u);
  arma::mat means(200, 3);
  for (arma::uword c = 0; c < 3; ++c) {
    const arma::mat members = dataset.train->x.cols(arma::find(dataset.train->labels == c));
    BOOST_TEST(members.n_cols == 2000u);
    means.col(c) = arma::mean(members, 1);
    // Variance within: 400,000 entries, standard error of the mean 0.0022; five of them.
    BOOST_TEST(std::abs(arma::mean(arma::var(members, 0, 1)) - 1) < 0.012);
  }
  // Squared distance: chi-squared with 200 degrees of freedom scaled to mean 16, deviation 1.6; plus noise 200 * 2/2000.
  for (arma::uword c = 0; c < 3; ++c) {
    const double distance = arma::norm(means.col(c) - means.col((c + 1) % 3));
    BOOST_TEST(std::abs(distance * distance - 16.2) < 5 * 1.6);
  }
}

BOOST_AUTO_TEST_CASE(the_teacher_is_the_solution) {
  const TeacherStudentParameters params;
  const auto dataset = make_teacher_student(params);
  const Network<double> network = teacher(params);
  BOOST_TEST(network.layers() == 3u);
  BOOST_TEST(network.W[0].n_cols == 8u);
  BOOST_TEST(network.W[1].n_rows == 10u);
  BOOST_TEST(network.W[2].n_rows == 2u);
  BOOST_TEST(dataset.train->size() == 80u);
  BOOST_TEST(dataset.classes == 0u);
  Problem<double> problem;
  problem.train = dataset.train;
  problem.widths = {8, 10, 10, 2};
  problem.loss = Loss::squared;
  ForwardWorkspace<double> workspace;
  BOOST_TEST(evaluate(network, problem, *dataset.train, workspace).mean_loss < 1e-28);
  BOOST_TEST(arma::norm(dataset.train->targets, "fro") > 1);

  // With noise of variance s^2 the teacher's mean loss is s^2/2 per output: 2 outputs, 160 numbers of relative
  // deviation sqrt(2).
  TeacherStudentParameters noisy = params;
  noisy.noise = 0.1;
  const auto noisy_dataset = make_teacher_student(noisy);
  const double loss = evaluate(network, problem, *noisy_dataset.train, workspace).mean_loss;
  BOOST_TEST(std::abs(loss - 0.01) < 5 * 0.01 * std::sqrt(2.0 / 160));
}

BOOST_AUTO_TEST_CASE(stochastic_block_model_statistics) {
  BlockModelParameters params;
  params.nodes = 6000;
  params.degree = 8;
  const Graph graph = make_block_model(params);
  BOOST_TEST(graph.edges.n_cols == 24000u);
  std::set<std::pair<arma::uword, arma::uword>> distinct;
  double inside = 0;
  for (arma::uword e = 0; e < graph.edges.n_cols; ++e) {
    const arma::uword u = graph.edges(0, e), v = graph.edges(1, e);
    BOOST_TEST_REQUIRE(u < v);
    BOOST_TEST_REQUIRE(v < 6000u);
    distinct.insert({u, v});
    inside += graph.labels(u) == graph.labels(v);
  }
  BOOST_TEST(distinct.size() == 24000u);
  BOOST_TEST(std::abs(inside / 24000 - 0.8) < 5 * std::sqrt(0.8 * 0.2 / 24000));
  for (arma::uword c = 0; c < 3; ++c) BOOST_TEST(arma::accu(graph.labels == c) == 2000u);
  BOOST_TEST(graph.split.at("train").n_elem == 60u);
  BOOST_TEST(graph.split.at("test").n_elem == 1000u);
  BOOST_TEST(graph.split.at("val").n_elem == 1000u);
}

BOOST_AUTO_TEST_CASE(small_and_impossible_graphs) {
  BlockModelParameters params;
  params.nodes = 12;
  params.degree = 1;
  BOOST_TEST(make_block_model(params).split.at("train").n_elem == 3u);
  params.degree = 11;
  BOOST_CHECK_THROW(make_block_model(params), DataError);
  params.nodes = 2;
  BOOST_CHECK_THROW(make_block_model(params), DataError);
}

BOOST_AUTO_TEST_CASE(data_and_identity_follow_the_parameters) {
  for (const std::string name : {"blobs", "teacher-student", "sbm"}) {
    BOOST_TEST_CONTEXT(name) {
      DataRequest request = request_of(name);
      const auto first = load_dataset<double>(request);
      const auto second = load_dataset<double>(request);
      BOOST_TEST(first.synthetic);
      BOOST_TEST(arma::approx_equal(first.train->x, second.train->x, "absdiff", 0.0));
      BOOST_TEST(arma::approx_equal(first.test->targets, second.test->targets, "absdiff", 0.0));
      BOOST_TEST(first.content_sha256 == dataset_identity(request));
      testing::SetParameters another(std::map<std::string, std::string>{{"seed", "1"}});
      request.generator->visit(another);
      BOOST_TEST(!arma::approx_equal(first.train->x, load_dataset<double>(request).train->x, "absdiff", 0.1));
      BOOST_TEST(dataset_identity(request) != first.content_sha256);
    }
  }
}

BOOST_AUTO_TEST_CASE(graph_options_belong_to_graphs) {
  DataRequest request = request_of("sbm");
  request.graph = GraphOptions{.hops = 1};
  BOOST_TEST(load_dataset<float>(request).train->x.n_rows == 40u);
  request = request_of("blobs");
  request.graph.emplace();
  BOOST_CHECK_THROW(load_dataset<float>(request), DataError);
}

BOOST_AUTO_TEST_SUITE_END()
