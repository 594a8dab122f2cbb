#pragma once
/// Static figures through gnuplot: the curves of the report in one style, as SVG, PDF or PNG.

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "results/comparison/published.hpp"
#include "results/record/run_record.hpp"
#include "results/report/curves.hpp"

namespace admmbench {

enum class FigureBand { deviation, range, none };

struct FigureOptions {
  std::string quantity = "test_accuracy";  ///< trajectory column
  std::string x = "iteration";             ///< iteration, seconds or flops
  bool log_x = false, log_y = false;
  FigureBand band = FigureBand::deviation;
  bool published = false;             ///< lines at the published figures that the experiment names
  std::vector<std::string> datasets;  ///< labels of the data sets; empty: all
  std::vector<std::string> methods;   ///< labels; empty: all
  int width = 760, height = 420;      ///< of one panel, in pixels at 96 per inch
  std::string title;                  ///< empty: experiment, data set, seeds
  std::string x_label, y_label;       ///< empty: after x and quantity
};

struct FigureLine {
  std::string label;
  std::size_t style = 0;  ///< the method's place among all methods: the same colour and dash in every panel
  std::vector<double> x;
  Band band;
  std::optional<double> published;
};

/// One data set.
struct FigurePanel {
  std::string title;
  std::vector<FigureLine> lines;  ///< best last mean first
};

/// The panels of one experiment's runs. Throws std::runtime_error if a data set or method is not among the runs (naming those
/// that are), or nothing is left to draw.
std::vector<FigurePanel> figure_panels(const std::vector<RunRecord>& runs,
                                       const std::vector<PublishedFigure>& published,
                                       const FigureOptions& options);

/// The gnuplot script that draws `panels` into `file`; its ending (.svg, .pdf, .png) decides the terminal.
std::string gnuplot_script(const std::vector<FigurePanel>& panels, const FigureOptions& options,
                           const std::filesystem::path& file);

/// Runs gnuplot; `file` is written under a temporary name, then renamed. Throws std::runtime_error if gnuplot is missing or
/// fails, std::invalid_argument for another ending.
void draw_figure(const std::vector<FigurePanel>& panels, const FigureOptions& options,
                 const std::filesystem::path& file);

}  // namespace admmbench
