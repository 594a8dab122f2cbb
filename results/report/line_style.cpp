#include "results/report/line_style.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "results/record/find_or_add.hpp"

namespace admmbench {

namespace {

using Triple = std::array<double, 3>;

const std::vector<std::string> page_colours{"#0072B2", "#D55E00", "#009E73", "#A0528A",
                                            "#B87900", "#3A9BD9", "#1B1B1B"};
// Without the sky blue, which is a light shade of the blue.
const std::vector<std::string> hues{"#0072B2", "#D55E00", "#009E73", "#8E3E7A", "#DB9A00", "#1B1B1B"};
// Shades of a hue: this far apart in lightness, or less where they are many; darker ones would all be black, lighter ones all white.
constexpr double between_shades = 0.14;
constexpr double darkest = 0.42;
constexpr double lightest = 0.80;

double linear_light(double s) { return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4); }
double screen_value(double l) { return l <= 0.0031308 ? 12.92 * l : 1.055 * std::pow(l, 1 / 2.4) - 0.055; }

Triple product(const std::array<Triple, 3>& matrix, const Triple& vector) {
  Triple result{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) result[i] += matrix[i][j] * vector[j];
  }
  return result;
}

// Ottosson's matrices: linear sRGB to cone responses, their cube roots to Oklab, and the inverses.
constexpr std::array<Triple, 3> to_cones{{{0.4122214708, 0.5363325363, 0.0514459929},
                                          {0.2119034982, 0.6806995451, 0.1073969566},
                                          {0.0883024619, 0.2817188376, 0.6299787005}}};
constexpr std::array<Triple, 3> to_lab{{{0.2104542553, 0.7936177850, -0.0040720468},
                                        {1.9779984951, -2.4285922050, 0.4505937099},
                                        {0.0259040371, 0.7827717662, -0.8086757660}}};
constexpr std::array<Triple, 3> from_lab{{{1.0, 0.3963377774, 0.2158037573},
                                          {1.0, -0.1055613458, -0.0638541728},
                                          {1.0, -0.0894841775, -1.2914855480}}};
constexpr std::array<Triple, 3> from_cones{{{4.0767416621, -3.3077115913, 0.2309699292},
                                            {-1.2684380046, 2.6097574011, -0.3413193965},
                                            {-0.0041960863, -0.7034186147, 1.7076147010}}};

Triple linear_rgb(const Triple& lab) {
  Triple cones = product(from_lab, lab);
  for (double& value : cones) value = value * value * value;
  return product(from_cones, cones);
}

bool on_screen(const Triple& rgb) {
  return std::all_of(rgb.begin(), rgb.end(), [](double v) { return v >= -1e-6 && v <= 1 + 1e-6; });
}

bool among_styles(const std::vector<LineStyle>& styles, const LineStyle& style) {
  return std::find(styles.begin(), styles.end(), style) != styles.end();
}

}  // namespace

const std::vector<std::string>& line_dashes() {
  static const std::vector<std::string> dashes{"solid", "(14,6)", "(4,6)", "(18,6,4,6)"};
  return dashes;
}

const std::vector<std::string>& dash_names() {
  static const std::vector<std::string> names{"solid", "dashed", "dotted", "dash-dot"};
  return names;
}

const std::vector<int>& line_markers() {
  static const std::vector<int> markers{7, 5, 9, 13, 11, 6, 4, 8, 12, 10, 2};
  return markers;
}

const std::vector<std::string>& marker_names() {
  static const std::vector<std::string> names{
      "circle",      "square",      "triangle",      "diamond",      "triangle-down",
      "open-circle", "open-square", "open-triangle", "open-diamond", "open-triangle-down",
      "cross"};
  return names;
}

LineStyle page_style(std::size_t method) {
  return {page_colours[method % page_colours.size()], method % line_dashes().size(),
          method % line_markers().size()};
}

std::array<double, 3> oklab(const std::string& colour) {
  Triple rgb{};
  for (std::size_t i = 0; i < 3; ++i)
    rgb[i] = linear_light(std::stoi(colour.substr(1 + 2 * i, 2), nullptr, 16) / 255.0);
  Triple cones = product(to_cones, rgb);
  for (double& value : cones) value = std::cbrt(value);
  return product(to_lab, cones);
}

std::string with_lightness(const std::string& colour, double lightness) {
  const Triple lab = oklab(colour);
  // The largest part of the chroma that a screen can show at this lightness, by bisection.
  double low = 0;
  double high = 1;
  const auto at = [&](double part) { return linear_rgb({lightness, part * lab[1], part * lab[2]}); };
  if (on_screen(at(high))) low = high;
  for (int i = 0; i < 20 && low < high; ++i) {
    const double middle = (low + high) / 2;
    (on_screen(at(middle)) ? low : high) = middle;
  }
  std::string text = "#";
  for (const double value : at(low))
    text += fmt::format("{:02X}", std::lround(255 * screen_value(std::clamp(value, 0.0, 1.0))));
  return text;
}

std::vector<LineStyle> solver_styles(const std::vector<std::string>& solvers) {
  std::vector<std::string> known;
  std::map<std::string, std::size_t> count;
  for (const std::string& solver : solvers) ++count[solver];
  std::map<std::string, std::size_t> seen;
  std::vector<LineStyle> styles;
  for (const std::string& solver : solvers) {
    const std::size_t s = find_or_add(known, solver);
    const std::size_t variant = seen[solver]++;
    const std::size_t variants = count[solver];
    LineStyle style;
    style.colour = hues[s % hues.size()];
    style.dash = (variants > 1 ? variant : s) % line_dashes().size();
    style.marker = (s + variant) % line_markers().size();
    if (variants > 1) {
      const auto steps = static_cast<double>(variants - 1);
      const double all = std::min(lightest - darkest, steps * between_shades);
      const double middle = std::clamp(oklab(style.colour)[0], darkest + all / 2, lightest - all / 2);
      style.colour =
          with_lightness(style.colour, middle + all * (static_cast<double>(variant) / steps - 0.5));
    }
    // Rare: two solvers of one hue whose methods come to the same dash and marker.
    for (std::size_t i = 0; i < line_markers().size() && among_styles(styles, style); ++i)
      style.marker = (style.marker + 1) % line_markers().size();
    styles.push_back(std::move(style));
  }
  return styles;
}

}  // namespace admmbench
