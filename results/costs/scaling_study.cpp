#include "results/costs/scaling_study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace admmbench {

using namespace scaling_study;

CostShape network_of_depth(double layers, double parameters, double samples) {
  // (L - 2) n^2 + (n_0 + n_L + L - 1) n + n_L = parameters, with biases.
  const double a = layers - 2;
  const double b = inputs + outputs + layers - 1;
  const double c = outputs - parameters;
  const double n = a > 0 ? (-b + std::sqrt(b * b - 4 * a * c)) / (2 * a) : -c / b;
  CostShape shape;
  shape.widths.assign(static_cast<std::size_t>(layers) + 1, std::max(1.0, std::round(n)));
  shape.widths.front() = inputs;
  shape.widths.back() = outputs;
  shape.samples = samples;
  return shape;
}

CostShape network_of_width(double n, double parameters, double samples) {
  const double first = (inputs + 1) * n + (n + 1) * outputs;
  const double hidden = std::max(0.0, std::round((parameters - first) / (n * n + n)));
  CostShape shape;
  shape.widths.assign(static_cast<std::size_t>(hidden) + 3, n);
  shape.widths.front() = inputs;
  shape.widths.back() = outputs;
  shape.samples = samples;
  return shape;
}

namespace scaling_study {

CostShape with_batch(CostShape shape, const std::string& method) {
  if (has_batches(method)) shape.batch = 128;
  return shape;
}

std::string SpeedUpCase::label() const {
  return fmt::format("{}{}, {}", method, batch > 0 ? fmt::format(" (batch {:.0f})", batch) : "",
                     network.name);
}

CostShape deep_network() { return network_of_width(width, 63e6, some_samples); }

double speed_up(const MachineModel& machine, const std::string& method, const CostShape& shape,
                double workers, const Interconnect& network) {
  return parallel_cost(machine, method, shape, 1, network).seconds() /
         parallel_cost(machine, method, shape, workers, network).seconds();
}

std::vector<SpeedUpCase> speed_up_cases(const MachineModel& machine) {
  std::vector<SpeedUpCase> cases;
  for (const auto& [method, batch] : std::vector<std::pair<std::string, double>>{
           {"pdadmm", 0}, {"pdadmm_gq", 0}, {"dladmm", 0}, {"adam", 1024}}) {
    if (!machine.per_pass_byte.contains(method)) continue;
    for (const Interconnect& network : interconnects()) cases.push_back({method, network, batch});
  }
  return cases;
}

std::string grouped(double value) {
  std::string digits = fmt::format("{:.0f}", value);
  for (std::size_t place = digits.size(); place > 3; place -= 3) digits.insert(place - 3, ",");
  return digits;
}

}  // namespace scaling_study

}  // namespace admmbench
