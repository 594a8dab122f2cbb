#include "results/report/line_style.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <set>
#include <tuple>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(line_style_test)

namespace {

using Colour = std::array<double, 3>;

/// What somebody without one kind of cones sees, in linear light (Vienot, Brettel and Mollon 1999).
Colour seen(const Colour& rgb, int kind) {
  if (kind == 0) return rgb;
  const double l = 17.8824 * rgb[0] + 43.5161 * rgb[1] + 4.11935 * rgb[2];
  const double m = 3.45565 * rgb[0] + 27.1554 * rgb[1] + 3.86714 * rgb[2];
  const double s = 0.0299566 * rgb[0] + 0.184309 * rgb[1] + 1.46709 * rgb[2];
  const double l2 = kind == 1 ? 2.02344 * m - 2.52581 * s : l;
  const double m2 = kind == 2 ? 0.494207 * l + 1.24827 * s : m;
  return {0.0809444479 * l2 - 0.130504409 * m2 + 0.116721066 * s,
          -0.0102485335 * l2 + 0.0540193266 * m2 - 0.113614708 * s,
          -0.000365296938 * l2 - 0.00412161469 * m2 + 0.693511405 * s};
}

double to_linear(double s) { return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4); }
double to_screen(double l) { return l <= 0.0031308 ? 12.92 * l : 1.055 * std::pow(l, 1 / 2.4) - 0.055; }

std::string seen_colour(const std::string& colour, int kind) {
  Colour rgb{};
  for (std::size_t i = 0; i < 3; ++i)
    rgb[i] = to_linear(std::stoi(colour.substr(1 + 2 * i, 2), nullptr, 16) / 255.0);
  std::string text = "#";
  for (const double value : seen(rgb, kind)) {
    const long byte = std::lround(255 * to_screen(std::min(1.0, std::max(0.0, value))));
    const char* digits = "0123456789ABCDEF";
    text += {digits[byte / 16], digits[byte % 16]};
  }
  return text;
}

double distance(const std::string& a, const std::string& b) {
  const Colour x = oklab(a);
  const Colour y = oklab(b);
  return std::hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
}

std::tuple<std::string, std::size_t, std::size_t> all_of(const LineStyle& style) {
  return {style.colour, style.dash, style.marker};
}

}  // namespace

BOOST_AUTO_TEST_CASE(oklab_has_the_published_values) {
  const Colour white = oklab("#FFFFFF");
  BOOST_TEST(white[0] == 1.0, boost::test_tools::tolerance(1e-4));
  BOOST_TEST(std::abs(white[1]) < 1e-4);
  const Colour red = oklab("#FF0000");
  BOOST_TEST(red[0] == 0.6280, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(red[1] == 0.2249, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(with_lightness("#0072B2", oklab("#0072B2")[0]) == "#0072B2");
}

/// A distance of 0.02 can be seen side by side.
BOOST_AUTO_TEST_CASE(hues_of_six_solvers_differ_for_every_kind_of_colour_vision) {
  const std::vector<LineStyle> styles = solver_styles({"a", "b", "c", "d", "e", "f"});
  for (int kind = 0; kind < 3; ++kind) {
    for (std::size_t i = 0; i < styles.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const double d = distance(seen_colour(styles[i].colour, kind), seen_colour(styles[j].colour, kind));
        BOOST_TEST(d > 0.085, "vision " << kind << ": " << styles[i].colour << " and " << styles[j].colour
                                        << " are " << d << " apart");
      }
    }
  }
  // Control: red and green of one lightness are no such pair.
  BOOST_TEST(distance(seen_colour("#D04040", 2), seen_colour("#6F7A00", 2)) < 0.06);
}

BOOST_AUTO_TEST_CASE(methods_of_a_solver_are_shades_of_one_hue_from_dark_to_light) {
  const std::vector<LineStyle> styles = solver_styles({"x", "x", "y", "x", "x"});
  double before = 0;
  const double hue = std::atan2(oklab("#0072B2")[2], oklab("#0072B2")[1]);
  for (const std::size_t i : {0U, 1U, 3U, 4U}) {
    const Colour lab = oklab(styles[i].colour);
    BOOST_TEST(lab[0] > before + 0.05);
    BOOST_TEST(std::abs(std::atan2(lab[2], lab[1]) - hue) < 0.1, styles[i].colour);
    before = lab[0];
  }
  BOOST_TEST(styles[2].colour == "#D55E00");
}

BOOST_AUTO_TEST_CASE(styles_of_up_to_thirty_methods_all_differ) {
  std::mt19937 random(1);
  for (std::size_t methods = 1; methods <= 30; ++methods) {
    for (std::size_t solvers = 1; solvers <= methods; ++solvers) {
      std::vector<std::string> of;
      for (std::size_t i = 0; i < methods; ++i)
        of.push_back(std::to_string(i < solvers ? i : random() % solvers));
      std::set<std::tuple<std::string, std::size_t, std::size_t>> distinct;
      for (const LineStyle& style : solver_styles(of)) distinct.insert(all_of(style));
      BOOST_TEST(distinct.size() == methods, methods << " methods of " << solvers << " solvers");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
