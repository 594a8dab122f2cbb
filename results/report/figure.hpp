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
#include "results/report/figure_layout.hpp"

namespace admmbench {

struct FigureOptions {
  std::string quantity = "test_accuracy";  ///< trajectory column
  std::string x = "iteration";             ///< iteration, seconds or flops
  bool log_x = false, log_y = false;
  FigureBand band = FigureBand::deviation;
  bool published = false;             ///< lines at the published figures that the experiment names
  std::vector<std::string> datasets;  ///< labels of the data sets; empty: all
  std::vector<std::string> methods;   ///< labels; empty: all
  int width = 760, height = 420;      ///< of one panel without its key, in pixels at 96 per inch
  std::string title;                  ///< empty: experiment, data set, seeds
  std::string x_label, y_label;       ///< empty: after x and quantity
};

/// Adds the column `name`_gap to each run: its distance to the least value that the run itself reached. Ends in 0, which no log axis
/// shows. Returns the column's name.
std::string add_gap(std::vector<RunRecord>& runs, const std::string& name);

/// "label 0.9590", the last value of the line with four digits, the zeros at the end among them.
std::string key_with_last_value(const FigureLine& line);
/// `name` in words: "test accuracy" of test_accuracy.
std::string spoken(std::string name);
/// The label of the axis over which curves are drawn: iteration, seconds or flops.
std::string x_axis_label(const std::string& x);

/// The panels of one experiment's runs. Throws std::runtime_error if a data set or method is not among the runs (naming those
/// that are), or nothing is left to draw.
std::vector<FigurePanel> figure_panels(const std::vector<RunRecord>& runs,
                                       const std::vector<PublishedFigure>& published,
                                       const FigureOptions& options);

/// How figure_panels() are arranged: one, or two side by side, each with a key of its own.
FigureShape figure_shape(const std::vector<FigurePanel>& panels, const FigureOptions& options);

/// The gnuplot script that draws `panels` into `file`; its ending (.svg, .pdf, .png) decides the terminal. Throws FigureError as
/// figure_layout().
std::string gnuplot_script(const std::vector<FigurePanel>& panels, const FigureShape& shape,
                           const std::filesystem::path& file);

/// Runs gnuplot; `file` is written under a temporary name, then renamed. Throws std::runtime_error if gnuplot is missing or
/// fails, std::invalid_argument for another ending, FigureError as figure_layout().
void draw_figure(const std::vector<FigurePanel>& panels, const FigureShape& shape,
                 const std::filesystem::path& file);
void draw_figure(const std::vector<FigurePanel>& panels, const FigureOptions& options,
                 const std::filesystem::path& file);

}  // namespace admmbench
