#include "solvers/pdadmm/quantizer.hpp"

#include <algorithm>
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

BOOST_AUTO_TEST_CASE(codes_have_the_bits_that_the_levels_need) {
  LevelSet set;
  BOOST_TEST(Quantizer<double>(set).bits() == 5);
  set = {LevelSet::Kind::bits, -1, 1, 2, 8, {}};
  BOOST_TEST(Quantizer<double>(set).size() == 256);
  BOOST_TEST(Quantizer<double>(set).bits() == 8);
  set.levels = 257;
  set.kind = LevelSet::Kind::uniform;
  BOOST_TEST(Quantizer<double>(set).bits() == 9);
  set.levels = 65536;
  BOOST_TEST(Quantizer<double>(set).bits() == 16);
  BOOST_TEST(Quantizer<double>(list({0, 1})).bits() == 1);
  BOOST_TEST(Quantizer<double>(list({0, 1, 3})).bits() == 2);
}

namespace {

std::uint32_t some_code(std::uint32_t entry, unsigned bits) { return (entry * 40503U + 7) % (1U << bits); }

CodeMessage some_message(std::uint32_t entries, unsigned bits) {
  CodeMessage message;
  message.reserve(entries, bits);
  for (std::uint32_t k = 0; k * CodeMessage::block < entries; ++k) {
    CodeMessage::Codes codes{};
    for (std::uint32_t i = 0; i < CodeMessage::block; ++i) {
      const auto entry = static_cast<std::uint32_t>(k * CodeMessage::block) + i;
      if (entry < entries) codes[i] = static_cast<std::uint16_t>(some_code(entry, bits));
    }
    message.pack(k, codes);
  }
  return message;
}

}  // namespace

/// Against the definition, bit for bit: entry i is bits i b, ..., i b + b - 1.
BOOST_AUTO_TEST_CASE(codes_are_packed_without_gaps) {
  for (unsigned bits = 1; bits <= 16; ++bits) {
    for (const std::uint32_t entries : {1U, 63U, 64U, 65U, 300U}) {
      CodeMessage message = some_message(entries, bits);
      const auto wire = message.wire();
      BOOST_TEST(wire.size() == (entries * bits + 7) / 8);
      std::size_t wrong = 0;
      for (std::size_t bit = 0; bit < std::size_t{entries} * bits; ++bit) {
        const bool sent = (std::to_integer<unsigned>(wire[bit / 8]) >> bit % 8 & 1U) != 0;
        const auto entry = static_cast<std::uint32_t>(bit / bits);
        wrong += sent != ((some_code(entry, bits) >> bit % bits & 1U) != 0) ? 1 : 0;
      }
      BOOST_TEST(wrong == 0U, bits << " bits, " << entries << " entries");
    }
  }
}

/// What is sent is all that the receiver needs; a bit less is not.
BOOST_AUTO_TEST_CASE(codes_are_read_from_the_wire) {
  for (unsigned bits = 1; bits <= 16; ++bits) {
    constexpr std::uint32_t entries = 157;
    CodeMessage sent = some_message(entries, bits);
    CodeMessage received;
    received.reserve(entries, bits);
    std::ranges::copy(sent.wire(), received.wire().begin());
    std::size_t wrong = 0;
    for (std::uint32_t i = 0; i < entries; ++i) wrong += received.get(i) != some_code(i, bits) ? 1 : 0;
    BOOST_TEST(wrong == 0U, bits << " bits");
    received.wire()[3] ^= std::byte{1};
    for (std::uint32_t i = 0; i < entries; ++i) wrong += received.get(i) != some_code(i, bits) ? 1 : 0;
    BOOST_TEST(wrong == 1U, bits << " bits");
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
