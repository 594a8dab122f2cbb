#pragma once
/// The networks and the distributed cases that docs/measured/scaling.md asks about, in its tables and its figures.

#include <functional>
#include <string>
#include <vector>

#include "results/costs/time_model.hpp"

namespace admmbench {

namespace scaling_study {

inline constexpr double inputs = 784;
inline constexpr double outputs = 10;
inline constexpr double some_samples = 60000;
inline constexpr double many_samples = 1e6;
inline constexpr double depth = 10;
inline constexpr double width = 1000;
inline constexpr double billion = 1e9;
inline constexpr double sample_workers = 64;
inline const std::vector<double> worker_counts{1, 2, 4, 8, 16, 32, 64};

}  // namespace scaling_study

/// An L-layer network 784-n-...-n-10 whose n comes nearest to `parameters`.
CostShape network_of_depth(double layers, double parameters, double samples);
/// 784-n-...-n-10 with as many layers as come nearest to `parameters`, at least two.
CostShape network_of_width(double n, double parameters, double samples);

namespace scaling_study {

using NetworkFamily = std::function<CostShape(double parameters)>;

/// The batch that the method is given, none if it has no batches.
CostShape with_batch(CostShape shape, const std::string& method);

/// Layers of pdADMM for the speed-up: as many as there could be workers.
CostShape deep_network();

double speed_up(const MachineModel& machine, const std::string& method, const CostShape& shape,
                double workers, const Interconnect& network);

struct SpeedUpCase {
  std::string method;
  Interconnect network;
  double batch = 0;
  std::string label() const;
};

/// Of the methods that `machine` has timed.
std::vector<SpeedUpCase> speed_up_cases(const MachineModel& machine);

/// A whole number with commas between its thousands.
std::string grouped(double value);

}  // namespace scaling_study

}  // namespace admmbench
