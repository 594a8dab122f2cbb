#include "solvers/pdadmm/quantizer.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "core/compute/rng.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(quantizer_test)

namespace {

/// argmin |x - delta|, the first (lowest) of equals.
double brute_force(const std::vector<double>& levels, double x) {
  double best = levels.front();
  for (const double level : levels) {
    if (std::abs(x - level) < std::abs(x - best)) best = level;
  }
  return best;
}

LevelSet list(std::vector<double> values) {
  LevelSet set;
  set.kind = LevelSet::Kind::list;
  set.values = std::move(values);
  return set;
}

}  // namespace

BOOST_AUTO_TEST_CASE(nearest_level_agrees_with_brute_force) {
  std::vector<double> paper;
  for (int i = -1; i <= 20; ++i) paper.push_back(i);
  // Uneven, as the released code's set for Flickr.
  const std::vector<double> uneven = {-3, -2.9, -0.5, 0, 0.02, 0.04, 0.06, 5, 100};
  const Quantizer<double> uniform{LevelSet{}};
  const Quantizer<double> listed(list(uneven));
  Rng rng(1);
  for (int i = 0; i < 20000; ++i) {
    const double x = 15 * rng.normal();
    BOOST_TEST(uniform.nearest(x) == brute_force(paper, x));
    BOOST_TEST(listed.nearest(x) == brute_force(uneven, x));
    const double small = 0.1 * rng.normal();
    BOOST_TEST(listed.nearest(small) == brute_force(uneven, small));
  }
}

BOOST_AUTO_TEST_CASE(ties_go_to_the_lower_level) {
  const Quantizer<double> paper{LevelSet{}};
  for (int i = -1; i < 20; ++i) {
    BOOST_TEST(paper.nearest(i + 0.5) == i);
    BOOST_TEST(paper.nearest(std::nextafter(i + 0.5, 30.0)) == i + 1);
  }
}

BOOST_AUTO_TEST_CASE(values_outside_are_clamped) {
  const Quantizer<float> paper{LevelSet{}};
  BOOST_TEST(paper.nearest(-1e30f) == -1);
  BOOST_TEST(paper.nearest(1e30f) == 20);
  BOOST_TEST(paper.nearest(std::numeric_limits<float>::infinity()) == 20);
  BOOST_TEST(paper.nearest(std::numeric_limits<float>::quiet_NaN()) == -1);
}

BOOST_AUTO_TEST_CASE(codes_travel_at_their_width) {
  LevelSet set;
  BOOST_TEST(Quantizer<double>(set).bits() == 5);
  BOOST_TEST(Quantizer<double>(set).code_bytes() == 1);
  set = {LevelSet::Kind::bits, -1, 1, 2, 8, {}};
  BOOST_TEST(Quantizer<double>(set).size() == 256);
  BOOST_TEST(Quantizer<double>(set).code_bytes() == 1);
  set.levels = 257;
  set.kind = LevelSet::Kind::uniform;
  BOOST_TEST(Quantizer<double>(set).bits() == 9);
  BOOST_TEST(Quantizer<double>(set).code_bytes() == 2);
  set.levels = 65536;
  BOOST_TEST(Quantizer<double>(set).bits() == 16);

  for (const std::size_t width : {1U, 2U}) {
    CodeMessage message;
    message.reserve(300, width);
    BOOST_TEST(message.bytes() == 300 * width);
    const std::uint32_t most = width == 1 ? 255 : 65535;
    for (std::uint32_t i = 0; i < 300; ++i) message.set(i, (i * 219) % (most + 1));
    for (std::uint32_t i = 0; i < 300; ++i) BOOST_TEST(message.get(i) == (i * 219) % (most + 1));
  }
}

BOOST_AUTO_TEST_CASE(impossible_level_sets_are_refused) {
  BOOST_CHECK_THROW(Quantizer<double>(list({})), std::invalid_argument);
  BOOST_CHECK_THROW(Quantizer<double>(list({1})), std::invalid_argument);
  BOOST_CHECK_THROW(Quantizer<double>(list({0, 1, 1})), std::invalid_argument);
  BOOST_CHECK_THROW(Quantizer<double>(list({0, 2, 1})), std::invalid_argument);
  BOOST_CHECK_THROW((Quantizer<double>(LevelSet{LevelSet::Kind::uniform, 3, 3, 5, 8, {}})),
                    std::invalid_argument);
  // 65536 levels in [1e6, 1e6 + 1] are not different in float32.
  BOOST_CHECK_THROW((Quantizer<float>(LevelSet{LevelSet::Kind::bits, 1e6, 1e6 + 1, 2, 16, {}})),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
