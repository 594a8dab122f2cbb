#pragma once
/// Figures for papers: as wide as a column or the text of the venue, type of one size, one key, and beside the picture its LaTeX with a
/// caption and the numbers that are drawn.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/parameters.hpp"
#include "results/record/run_record.hpp"
#include "results/report/figure_layout.hpp"

namespace admmbench {

/// Where a figure is to be printed; lengths in inches.
struct Venue {
  std::string name;
  double column = 0;       ///< width of a column
  double text = 0;         ///< width of the text; equal to `column` where there is one column
  double text_height = 0;  ///< of a page
  double points = 8;       ///< size of the type in its figures
};
const std::vector<Venue>& venues();
std::vector<std::string> venue_names();

enum class PaperKey { below, above, none };
enum class WhenMany { automatic, yes, no };

/// How one method is drawn.
struct FigureMethod {
  std::string label;   ///< of the runs
  std::string name;    ///< in the key; empty: the label
  std::string colour;  ///< #RRGGBB; empty: chosen
  std::string dash;    ///< in dash_names(), or "chosen"
  std::string marker;  ///< in marker_names(), or "chosen"
  std::optional<double> width;

  FigureMethod() : dash("chosen"), marker("chosen") {}
  void visit(ParameterVisitor& v);
};

/// One panel.
struct FigurePanelKeys {
  std::string dataset, metric, title;
  std::optional<double> x_min, x_max, y_min, y_max;

  void visit(ParameterVisitor& v);
};

/// All that a figure file says.
struct PaperFigure {
  std::vector<std::string> results;  ///< result files, or folders of them
  std::string out;                   ///< empty: after the figure file, or the experiment
  std::string venue = "ieee";
  long columns = 1;             ///< of the page that it is as wide as: 1 or 2
  std::optional<double> width;  ///< in inches, instead of the venue's
  std::string font = "Helvetica";
  double font_size = 8;
  double line_width = 1;
  std::vector<std::string> metrics;
  std::string x = "iteration";
  std::string x_label;
  bool log_x = false, log_y = false;
  bool gap = false;
  FigureBand band = FigureBand::deviation;
  std::optional<double> x_min, x_max, y_min, y_max;
  std::vector<std::string> datasets;
  std::vector<FigureMethod> methods;
  std::vector<FigurePanelKeys> panels;
  std::optional<long> panel_columns;
  std::optional<double> panel_height;  ///< between the axes, in inches
  PaperKey key = PaperKey::below;
  bool letters = true;
  WhenMany markers = WhenMany::automatic;
  long points = 200;
  std::string caption, label;

  void visit(ParameterVisitor& v);
};

/// The width in inches that `figure` has. Throws FigureError if the venue has one column and two are asked for.
double figure_width(const PaperFigure& figure);

/// The drawing, before it is written.
struct PaperDrawing {
  std::vector<FigurePanel> panels;
  /// A picture holds panels [begin, begin + count).
  struct Picture {
    std::size_t begin = 0, count = 0;
    FigureShape shape;
  };
  std::vector<Picture> pictures;  ///< more than one if a page is too low for all panels
};

/// Arranges the runs of one experiment and profile. Throws FigureError for names that are not among the runs, and if no arrangement
/// fits, saying what would.
PaperDrawing paper_drawing(const std::vector<RunRecord>& runs, const PaperFigure& figure);

/// A solver's parameters by name, with the values that they have if nobody sets them; empty if nobody knows.
using Defaults = std::function<std::vector<std::pair<std::string, std::string>>(const std::string& solver)>;

/// \includegraphics at natural size and a caption: data sets, seeds, parameters, what the band is. `pictures`: names of the files.
std::string paper_latex(const PaperDrawing& drawing, const std::vector<RunRecord>& runs,
                        const PaperFigure& figure, const std::vector<std::string>& pictures,
                        const Defaults& defaults);

/// The numbers that are drawn, a line for each point.
std::string paper_csv(const PaperDrawing& drawing, const PaperFigure& figure);

/// Writes `file` (.pdf, .svg or .png; with several pictures stem-1, stem-2, ...), stem.tex and stem.csv; the names of all.
std::vector<std::filesystem::path> write_paper_figure(const std::vector<RunRecord>& runs,
                                                      const PaperFigure& figure,
                                                      const std::filesystem::path& file,
                                                      const Defaults& defaults);

}  // namespace admmbench
