#pragma once
/// docs/measured/scaling.md: the cost model, how well it predicts, and what it says of networks that nobody here can run.

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

/// The page; figures are linked as `figures`/NAME.svg. The same calibration gives the same bytes: no clock, no revision.
std::string scaling_page(const Calibration& calibration, const std::string& figures);

/// A table of all methods that the calibration has timed, at one shape on some workers.
std::string scaling_table(const MachineModel& machine, const CostShape& shape, double workers,
                          const Interconnect& network);

}  // namespace admmbench
