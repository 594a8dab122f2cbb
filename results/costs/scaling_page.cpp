#include "results/costs/scaling_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <utility>

#include "results/costs/scaling_study.hpp"

namespace admmbench {

using namespace scaling_study;

namespace {

const std::vector<double> parameter_counts{1e5, 1e6, 1e7, 1e8, 1e9};
const std::vector<double> wide_parameter_counts{1e6, 1e7, 1e8, 1e9};  ///< of width 1000 and more

/// Three digits and a unit.
std::string with_unit(double value, const std::vector<std::pair<double, std::string>>& units) {
  std::size_t i = 0;
  while (i + 1 < units.size() && value >= 0.9995 * units[i + 1].first) ++i;
  const double scaled = value / units[i].first;
  const int digits = scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}", scaled, digits, units[i].second);
}

std::string duration(double seconds) {
  constexpr double year = 365.25 * 86400;
  return with_unit(
      seconds, {{1e-6, "us"}, {1e-3, "ms"}, {1, "s"}, {60, "min"}, {3600, "h"}, {86400, "d"}, {year, "y"}});
}

std::string bytes_text(double bytes) {
  if (bytes == 0) return "0";
  return with_unit(bytes, {{1, "B"}, {1e3, "kB"}, {1e6, "MB"}, {1e9, "GB"}, {1e12, "TB"}, {1e15, "PB"}});
}

std::string percent(double share) { return fmt::format("{:.3g} %", 100 * share); }

std::string power_of_ten(double value) { return fmt::format("10^{:.0f}", std::log10(value)); }

std::vector<std::string> timed_methods(const MachineModel& machine) {
  std::vector<std::string> methods;
  for (const auto& entry : machine.per_pass_byte) methods.push_back(entry.first);
  return methods;
}

std::string row(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string heading(const std::vector<std::string>& cells) {
  std::string text = row(cells);
  text += '|';
  for (std::size_t i = 0; i < cells.size(); ++i) text += i == 0 ? "---|" : "---:|";
  return text + '\n';
}

/// A row per method, a column per number of parameters.
std::string growth_table(const MachineModel& machine, const std::vector<double>& counts,
                         const NetworkFamily& network,
                         const std::function<std::string(const std::string&, const CostShape&)>& cell) {
  std::vector<std::string> head{"method"};
  for (const double parameters : counts) {
    const CostShape shape = network(parameters);
    head.push_back(
        fmt::format("{} ({} layers of {})", power_of_ten(parameters), shape.layers(), grouped(shape.n(1))));
  }
  std::string text = heading(head);
  for (const std::string& method : timed_methods(machine)) {
    std::vector<std::string> cells{fmt::format("`{}`", method)};
    for (const double parameters : counts)
      cells.push_back(cell(method, with_batch(network(parameters), method)));
    text += row(cells);
  }
  return text;
}

/// A rate from what one unit takes; `none` where the fit gives it no time.
std::string rate(double per_unit, const std::string& unit, const std::string& none = "no time of its own") {
  return per_unit > 0 ? fmt::format("{:.3g} {}", 1e-9 / per_unit, unit) : none;
}

std::string machine_part(const Calibration& calibration, const MachineModel& machine) {
  std::string text = heading({"of the machine", "value"});
  text += row({"processor", calibration.cpu});
  text += row(
      {"BLAS, threads, precision", fmt::format("{}, {}, float32", calibration.blas, calibration.threads)});
  text += row(
      {"timings, methods", fmt::format("{}, {}", calibration.timings.size(), machine.per_pass_byte.size())});
  text += row({"revision, date", fmt::format("{}, {}", calibration.commit.substr(0, 7), calibration.date)});
  if (!calibration.note.empty()) text += row({"note", calibration.note});
  text += row({"products f", rate(machine.per_flop, "GFLOP/s")});
  text += row({"bytes of products b_p", rate(machine.per_product_byte, "GB/s")});
  text += row({"a product, with the passes around it, t_k",
               machine.per_product > 0 ? duration(machine.per_product) : "no time of its own"});
  text += row({"factorisations and solves g", rate(machine.per_solve_flop, "GFLOP/s")});
  text += row({"an entry of the z_L-step t_Z", fmt::format("{:.3g} ns", machine.per_newton_entry * 1e9)});
  return text;
}

std::string errors_part(const Calibration& calibration, const MachineModel& machine) {
  std::string text = heading({"method", "passes b_m", "timings", "median error", "worst error", "at"});
  for (const auto& [method, error] : leave_one_out(calibration.timings)) {
    text += row(
        {fmt::format("`{}`", method), rate(machine.per_pass_byte.at(method), "GB/s", "no time of their own"),
         std::to_string(error.timings), percent(error.median), percent(error.worst), error.worst_shape});
  }
  return text;
}

std::string extrapolation_part(const Calibration& calibration, const MachineModel&) {
  constexpr double share = 0.3;
  const Extrapolation beyond = extrapolate(calibration.timings, share);
  std::string text = heading({"fitted to", "predicted", "median error", "worst error", "at"});
  text +=
      row({fmt::format("the smaller {}, up to {:.3g} GFLOP", percent(1 - share), beyond.seen_flops * 1e-9),
           fmt::format("the {} larger ones, up to {:.3g} GFLOP", beyond.error.timings,
                       beyond.predicted_flops * 1e-9),
           percent(beyond.error.median), percent(beyond.error.worst), beyond.error.worst_shape});
  return text;
}

std::string growth_part(const Calibration&, const MachineModel& machine) {
  const auto time = [&](const std::string& method, const CostShape& shape) {
    return duration(predicted_seconds(machine, method, shape));
  };
  const auto memory = [](const std::string& method, const CostShape& shape) {
    return bytes_text(memory_cost(method, shape).total());
  };
  std::string text;
  for (const double samples : {some_samples, many_samples}) {
    const auto network = [samples](double parameters) {
      return network_of_depth(depth, parameters, samples);
    };
    text += fmt::format("### Depth {:.0f}, {} samples\nSeconds per iteration:\n\n", depth, grouped(samples));
    text += growth_table(machine, parameter_counts, network, time) + "\nMemory:\n\n" +
            growth_table(machine, parameter_counts, network, memory) + '\n';
  }
  const auto network = [](double parameters) { return network_of_width(width, parameters, some_samples); };
  text += fmt::format("### Width {:.0f}, {} samples\nSeconds per iteration (two layers at least):\n\n", width,
                      grouped(some_samples));
  return text + growth_table(machine, wide_parameter_counts, network, time);
}

std::string communication_part(const Calibration&, const MachineModel& machine) {
  std::vector<std::string> head{"method"};
  for (const double samples : {some_samples, many_samples}) {
    for (const double parameters : {1e7, billion})
      head.push_back(fmt::format("{} parameters, {} samples", power_of_ten(parameters), grouped(samples)));
  }
  std::string text = heading(head);
  for (const std::string& method : timed_methods(machine)) {
    std::vector<std::string> cells{fmt::format("`{}`", method)};
    for (const double samples : {some_samples, many_samples}) {
      for (const double parameters : {1e7, billion}) {
        const CostShape shape = with_batch(network_of_depth(depth, parameters, samples), method);
        cells.push_back(
            bytes_text(parallel_cost(machine, method, shape, 10, interconnects().front()).sent.bytes));
      }
    }
    text += row(cells);
  }
  return text;
}

std::string networks_part(const Calibration&, const MachineModel&) {
  std::string text = heading({"network", "latency", "bandwidth"});
  for (const Interconnect& network : interconnects())
    text +=
        row({network.name, duration(network.latency), fmt::format("{:.3g} GB/s", network.bandwidth * 1e-9)});
  return text;
}

std::string speed_up_part(const Calibration&, const MachineModel& machine) {
  std::vector<std::string> head{"method, network"};
  for (const double workers : worker_counts) head.push_back(fmt::format("{:.0f}", workers));
  std::string text = heading(head);
  for (const SpeedUpCase& which : speed_up_cases(machine)) {
    std::vector<std::string> cells{which.label()};
    CostShape of = deep_network();
    of.batch = which.batch;
    for (const double workers : worker_counts)
      cells.push_back(fmt::format("{:.3g}", speed_up(machine, which.method, of, workers, which.network)));
    text += row(cells);
  }
  return text;
}

/// Cores of a worker in the tables of 10^9 parameters, whose rates are this machine's times cores / its threads.
constexpr double node_cores = 64;

std::string billion_part(const Calibration& calibration, const MachineModel& machine) {
  const double node = node_cores / static_cast<double>(calibration.threads);
  std::string text;
  for (const double samples : {some_samples, many_samples}) {
    const CostShape shape = network_of_depth(depth, billion, samples);
    if (!text.empty()) text += '\n';
    text += fmt::format("{} layers of {}, {} samples, one iteration:\n\n", shape.layers(),
                        grouped(shape.n(1)), grouped(samples));
    text += heading({"method", "operations", "this machine", "memory, one node",
                     fmt::format("memory, of {:.0f}", sample_workers), "computing", "sending"});
    for (const std::string& method : timed_methods(machine)) {
      const CostShape batched = with_batch(shape, method);
      const ParallelCost parallel =
          parallel_cost(machine, method, batched, sample_workers, interconnects()[1]);
      text += row({fmt::format("`{}`", method),
                   fmt::format("{:.3g} PFLOP", iteration_cost(method, batched).flops() * 1e-15),
                   duration(predicted_seconds(machine, method, batched)),
                   bytes_text(memory_cost(method, batched).total()), bytes_text(parallel.memory),
                   duration(parallel.compute / node), duration(parallel.communication)});
    }
  }
  return text;
}

/// The figures that the page's conclusions on 10^9 parameters rest on.
std::string limits_part(const Calibration&, const MachineModel& machine) {
  const std::vector<double> counts{some_samples, many_samples};
  std::vector<std::string> head{"at 10^9 parameters"};
  for (const double samples : counts) head.push_back(grouped(samples) + " samples");
  std::string text = heading(head);
  const auto line = [&](const std::string& name, const std::function<std::string(const CostShape&)>& value) {
    std::vector<std::string> cells{name};
    for (const double samples : counts) cells.push_back(value(network_of_depth(depth, billion, samples)));
    text += row(cells);
  };
  line("the weights", [](const CostShape& s) { return bytes_text(s.entry_bytes * s.parameters()); });
  line("one matrix of the size of z_l",
       [](const CostShape& s) { return bytes_text(s.entry_bytes * s.M(1)); });
  for (const char* const method : {"dladmm", "adam"}) {
    line(fmt::format("memory of `{}`", method),
         [&](const CostShape& s) { return bytes_text(memory_cost(method, with_batch(s, method)).total()); });
  }
  line("operations of `dladmm`, times those of `adam`", [](const CostShape& s) {
    return fmt::format("{:.3g}", iteration_cost("dladmm", s).flops() /
                                     iteration_cost("adam", with_batch(s, "adam")).flops());
  });
  const Interconnect& network = interconnects()[1];
  if (machine.per_pass_byte.contains("dladmm"))
    line("100 iterations of `dladmm` on this machine",
         [&](const CostShape& s) { return duration(100 * predicted_seconds(machine, "dladmm", s)); });
  if (machine.per_pass_byte.contains("pdadmm")) {
    line(fmt::format("`pdadmm` on {:.0f} workers: memory of each", depth), [&](const CostShape& s) {
      return bytes_text(parallel_cost(machine, "pdadmm", s, depth, network).memory);
    });
    line("`pdadmm`: what an interface moves in an iteration", [](const CostShape& s) {
      const InterfaceBytes moved = method_cost("pdadmm", s).layers.front().above;
      return bytes_text(moved.down + moved.up);
    });
  }
  if (machine.per_pass_byte.contains("adam"))
    line(fmt::format("`adam` on {:.0f} workers: sent by each in a pass", sample_workers),
         [&](const CostShape& s) {
           return bytes_text(
               parallel_cost(machine, "adam", with_batch(s, "adam"), sample_workers, network).sent.bytes);
         });
  return text;
}

/// What Taylor's ADMM does whatever the number of samples.
std::string taylor_part(const Calibration&, const MachineModel&) {
  const auto flops = [](double samples) {
    CostShape shape = network_of_depth(depth, billion, some_samples);
    shape.samples = samples;
    return iteration_cost("admm_taylor", shape).flops();
  };
  const double n = network_of_depth(depth, billion, some_samples).n(1);
  std::string text = heading({"N", "share of the operations"});
  const std::vector<std::pair<std::string, double>> counts{{"n/10", n / 10},
                                                           {"n", n},
                                                           {grouped(some_samples), some_samples},
                                                           {grouped(many_samples), many_samples}};
  for (const auto& [name, samples] : counts) text += row({name, percent(flops(0) / flops(samples))});
  return text + row({"all, in operations", fmt::format("{:.3g} PFLOP", flops(0) * 1e-15)});
}

using Part = std::string (*)(const Calibration&, const MachineModel&);

const std::vector<std::pair<std::string, Part>> parts{
    {"machine", machine_part},   {"errors", errors_part},     {"extrapolation", extrapolation_part},
    {"growth", growth_part},     {"networks", networks_part}, {"communication", communication_part},
    {"speed-up", speed_up_part}, {"billion", billion_part},   {"limits", limits_part},
    {"taylor", taylor_part}};

}  // namespace

std::vector<std::string> scaling_parts() {
  std::vector<std::string> names;
  for (const auto& part : parts) names.push_back(part.first);
  return names;
}

std::string scaling_part(const std::string& name, const Calibration& calibration) {
  const auto found =
      std::find_if(parts.begin(), parts.end(), [&](const auto& part) { return part.first == name; });
  if (found == parts.end())
    throw std::invalid_argument(
        fmt::format("no part {}; allowed: {}", name, fmt::join(scaling_parts(), ", ")));
  return found->second(calibration, fit_machine(calibration.timings));
}

std::string scaling_table(const MachineModel& machine, const CostShape& shape, double workers,
                          const Interconnect& network) {
  std::string text = heading(
      {"method", "operations", "memory per worker", "computing", "sent per worker", "sending", "iteration"});
  for (const std::string& method : timed_methods(machine)) {
    CostShape of = shape;
    if (!has_batches(method)) of.batch = 0;
    const ParallelCost cost = parallel_cost(machine, method, of, workers, network);
    text += row(
        {fmt::format("`{}`", method), fmt::format("{:.3g} GFLOP", iteration_cost(method, of).flops() * 1e-9),
         bytes_text(workers > 1 ? cost.memory : memory_cost(method, of).total()), duration(cost.compute),
         bytes_text(cost.sent.bytes), duration(cost.communication), duration(cost.seconds())});
  }
  return text;
}

}  // namespace admmbench
