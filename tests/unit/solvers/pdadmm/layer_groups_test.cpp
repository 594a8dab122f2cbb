#include "solvers/pdadmm/layer_groups.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <numeric>
#include <stdexcept>

#include "core/compute/rng.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(layer_groups_test)

namespace {

using Counts = std::vector<std::size_t>;

/// What the group has to do that has most.
double slowest(const std::vector<double>& costs, const Counts& counts) {
  double most = 0;
  auto next = costs.begin();
  for (const std::size_t count : counts) {
    const auto end = next + static_cast<std::ptrdiff_t>(count);
    most = std::max(most, std::accumulate(next, end, 0.0));
    next = end;
  }
  return most;
}

/// The least that slowest() can be, by trying all.
double best(const std::vector<double>& costs, std::size_t first, std::size_t groups) {
  const auto begin = costs.begin() + static_cast<std::ptrdiff_t>(first);
  if (groups == 1) return std::accumulate(begin, costs.end(), 0.0);
  double least = std::accumulate(begin, costs.end(), 0.0);
  double own = 0;
  for (std::size_t end = first + 1; end + groups - 1 <= costs.size(); ++end) {
    own += costs[end - 1];
    least = std::min(least, std::max(own, best(costs, end, groups - 1)));
  }
  return least;
}

}  // namespace

BOOST_AUTO_TEST_CASE(layers_have_owners) {
  const LayerGroups groups({2, 3, 0});
  BOOST_TEST(groups.layers() == 5U);
  const std::vector<int> owners{0, 0, 1, 1, 1};
  for (arma::uword l = 1; l <= 5; ++l) BOOST_TEST(groups.owner(l) == owners[l - 1]);
  BOOST_TEST(groups.first(1) == 3U);
  BOOST_TEST(groups.last(1) == 5U);
  BOOST_TEST(groups.first(2) == 6U);  // none
  BOOST_TEST(groups.last(2) == 5U);
}

BOOST_AUTO_TEST_CASE(no_other_grouping_is_better_balanced) {
  Rng rng(1);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> costs(1 + static_cast<std::size_t>(rng.uniform() * 8));
    for (double& cost : costs) cost = rng.uniform();
    for (std::size_t groups = 1; groups <= costs.size(); ++groups) {
      const Counts counts = balanced_counts(costs, groups);
      BOOST_TEST(std::accumulate(counts.begin(), counts.end(), std::size_t{0}) == costs.size());
      BOOST_TEST(std::count(counts.begin(), counts.end(), 0U) == 0);
      BOOST_TEST(std::abs(slowest(costs, counts) - best(costs, 0, groups)) < 1e-12);
    }
  }
}

BOOST_AUTO_TEST_CASE(equal_layers_are_shared_evenly) {
  BOOST_TEST(balanced_counts({1, 1, 1, 1, 1, 1}, 3) == Counts({2, 2, 2}), boost::test_tools::per_element());
  // The first layer is the work of four: it gets fewer for company.
  BOOST_TEST(balanced_counts({4, 1, 1, 1, 1}, 2) == Counts({1, 4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(groups_without_layers_are_the_last) {
  BOOST_TEST(balanced_counts({1, 2}, 4) == Counts({1, 1, 0, 0}), boost::test_tools::per_element());
}

/// Of equally wide layers the first has no p, the last an output block of few units.
BOOST_AUTO_TEST_CASE(work_is_that_of_the_cost_model) {
  CostShape shape;
  shape.widths = {100, 100, 100, 100, 10};
  shape.samples = 1000;
  const std::vector<double> work = layer_work(shape, {});
  BOOST_TEST(work.size() == 4U);
  BOOST_TEST(work[1] == work[2]);
  BOOST_TEST(work[0] < work[1]);
  BOOST_TEST(work[3] != work[1]);
  BOOST_TEST(*std::min_element(work.begin(), work.end()) > 0);
}

BOOST_AUTO_TEST_CASE(impossible_groups_are_refused) {
  BOOST_CHECK_NO_THROW(check_layer_groups({}, 4, 4));
  BOOST_CHECK_NO_THROW(check_layer_groups({1, 3}, 2, 4));
  BOOST_CHECK_THROW(check_layer_groups({}, 5, 4), std::invalid_argument);
  BOOST_CHECK_THROW(check_layer_groups({2, 2}, 3, 4), std::invalid_argument);
  BOOST_CHECK_THROW(check_layer_groups({1, 2}, 2, 4), std::invalid_argument);
  BOOST_CHECK_THROW(check_layer_groups({0, 4}, 2, 4), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
