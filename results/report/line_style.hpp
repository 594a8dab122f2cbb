#pragma once
/// What tells the lines of a static figure apart: hue, lightness, dashes and markers.

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace admmbench {

struct LineStyle {
  std::string colour = "#1B1B1B";  ///< #RRGGBB
  std::size_t dash = 0;            ///< in line_dashes()
  std::size_t marker = 0;          ///< in line_markers(); drawn where a figure has markers

  bool operator==(const LineStyle&) const = default;
};

/// gnuplot's dash types, and what they are called in figure files.
const std::vector<std::string>& line_dashes();
const std::vector<std::string>& dash_names();
/// gnuplot's point types, and what they are called in figure files.
const std::vector<int>& line_markers();
const std::vector<std::string>& marker_names();

/// The i-th method's style on the report page (results/report/page/drawing.js): 28 pairs of colour and dash.
LineStyle page_style(std::size_t method);

/// A style for each of `solvers`, the solver of every method in the order of the key: a solver has a hue, its methods have shades of
/// it, from dark to light, each with a dash. The six hues (after Okabe and Ito) can be told apart with every kind of colour vision;
/// further solvers have them again with other markers. All styles of up to 30 methods differ.
std::vector<LineStyle> solver_styles(const std::vector<std::string>& solvers);

/// Lightness, green-red and blue-yellow of #RRGGBB in Oklab (Ottosson 2020), where equal distances look equal.
std::array<double, 3> oklab(const std::string& colour);
/// The colour of that hue and at most that chroma with `lightness` in [0, 1], as far as a screen can show it.
std::string with_lightness(const std::string& colour, double lightness);

}  // namespace admmbench
