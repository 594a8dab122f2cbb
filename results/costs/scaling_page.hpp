#pragma once
/// Tables and figures of docs/measured/scaling.md: how well the cost model predicts, and what it says of networks that
/// nobody here can run. The page's words are its own.

#include <filesystem>
#include <string>
#include <vector>

#include "results/costs/scaling_study.hpp"
#include "results/costs/time_model.hpp"
#include "results/report/figure.hpp"

namespace admmbench {

/// A figure of the page.
struct ScalingFigure {
  std::string name;  ///< of the file, without ending
  std::string caption;
  std::vector<FigurePanel> panels;
  FigureOptions options;
};

std::vector<ScalingFigure> scaling_figures(const MachineModel& machine);

/// The names of the page's tables.
std::vector<std::string> scaling_parts();

/// A table of the page, or several, in Markdown. The same calibration gives the same bytes: no clock, no revision. Throws
/// std::invalid_argument, with what is allowed, for a name that is none of scaling_parts().
std::string scaling_part(const std::string& name, const Calibration& calibration);

/// A table of all methods that the calibration has timed, at one shape on some workers.
std::string scaling_table(const MachineModel& machine, const CostShape& shape, double workers,
                          const Interconnect& network);

}  // namespace admmbench
