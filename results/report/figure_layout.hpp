#pragma once
/// Where everything of a static figure goes, in inches from the lower left corner: panels of one size, with room for what stands
/// around them. Nothing overlaps and nothing is cut off, by the widths of text_width.hpp.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "results/report/axis.hpp"
#include "results/report/curves.hpp"
#include "results/report/line_style.hpp"

namespace admmbench {

enum class FigureBand { deviation, range, none };

struct FigureLine {
  std::string label;
  LineStyle style;
  std::vector<double> x;
  Band band;
  std::optional<double> published;
  std::string solver = {};
  std::string key = {};  ///< the text in the key; empty: the label
  double width = 0;      ///< in points; 0: the figure's
  std::size_t runs = 0;  ///< seeds that the curve is over
};

/// One data set and one quantity.
struct FigurePanel {
  std::string title;
  std::vector<FigureLine> lines;
  std::string y_label = {};
  std::optional<double> x_low = {}, x_high = {}, y_low = {}, y_high = {};  ///< empty: as the lines need
  std::string dataset = {}, quantity = {};
};

enum class FigureKey {
  panel,  ///< below each panel, with the lines of that panel
  below,  ///< one for all panels, below them
  above,
  none
};

/// What a figure looks like, apart from its panels.
struct FigureShape {
  double width = 760.0 / 96;  ///< of all, in inches
  std::size_t columns = 1;    ///< of panels
  double plot_height = 3.4;   ///< between the axes of a panel, in inches
  double plot_width = 0;      ///< the same, where it is less than what there is room for; 0: all room
  std::string font = "Helvetica";
  double points = 9;           ///< size of all type
  double line_width = 1.5;     ///< in points
  double dots_per_inch = 192;  ///< of a PNG
  FigureKey key = FigureKey::panel;
  bool letters = false;          ///< (a), (b), ... before the titles
  std::size_t first_letter = 0;  ///< of a figure that goes on from another: how many panels that has
  bool markers = false;
  bool log_x = false, log_y = false;
  std::string x_label;
  FigureBand band = FigureBand::deviation;
};

enum class TextAnchor { left, middle, right };

struct PlacedText {
  double x = 0, y = 0;  ///< of the anchor; y of the middle of the line
  std::string text;
  TextAnchor anchor = TextAnchor::left;
  bool upwards = false;  ///< read from below
  bool marked = false;   ///< 10^{-3} is an exponent
};

struct PlacedPanel {
  double left = 0, bottom = 0, width = 0, height = 0;  ///< between the axes
  Axis x, y;
};

/// The piece of a line in the key.
struct PlacedSample {
  double x = 0, y = 0, length = 0;
  LineStyle style;
  double width = 0;
  bool published = false;  ///< the dots of a published figure, in the colour of `style`
};

struct FigureLayout {
  double width = 0, height = 0;
  int x_exponent = 0;  ///< x is shown in units of this power of ten
  std::vector<PlacedPanel> panels;
  std::vector<PlacedText> texts;
  std::vector<PlacedSample> samples;
};

/// Low and high end of what a band shows at record i.
struct BandEnds {
  double low = 0, high = 0;
};
BandEnds band_ends(const FigureLine& line, std::size_t i, FigureBand band);

/// (a), (b), ..., (z), (aa), ...
std::string panel_letter(std::size_t index);

/// Throws FigureError if a text does not fit, a panel would be narrower than `least_panel_width`, or a logarithmic axis has nothing to
/// show.
FigureLayout figure_layout(const std::vector<FigurePanel>& panels, const FigureShape& shape);

/// The width between the axes that figure_layout() gives each panel; not positive if there is no room at all.
double plot_width(const std::vector<FigurePanel>& panels, const FigureShape& shape);

inline constexpr double least_panel_width = 1.0;  ///< inches between the axes

}  // namespace admmbench
