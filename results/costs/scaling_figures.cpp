#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "results/costs/scaling_page.hpp"
#include "results/costs/scaling_study.hpp"

namespace admmbench {

using namespace scaling_study;

namespace {

/// Those of the figures; the tables have all.
const std::vector<std::string> methods_of_figures{"dladmm",      "mdlam",   "pdadmm", "aa_dladmm",
                                                  "admm_taylor", "gram_tp", "adam"};

/// Lines over the number of parameters, three points a decade.
FigurePanel growth_panel(const std::string& title, const NetworkFamily& network, double from,
                         const std::vector<std::string>& methods,
                         const std::function<double(const std::string&, const CostShape&)>& value) {
  FigurePanel panel;
  panel.title = title;
  for (std::size_t m = 0; m < methods.size(); ++m) {
    FigureLine line;
    line.label = methods[m];
    line.style = page_style(m);
    for (double exponent = std::log10(from); exponent < 10.01; exponent += 1.0 / 3) {
      const CostShape shape = with_batch(network(std::pow(10, exponent)), methods[m]);
      line.x.push_back(shape.parameters());
      line.band.mean.push_back(value(methods[m], shape));
    }
    panel.lines.push_back(std::move(line));
  }
  return panel;
}

FigureOptions logarithmic(const std::string& x_label, const std::string& y_label) {
  FigureOptions options;
  options.log_x = options.log_y = true;
  options.band = FigureBand::none;
  options.x_label = x_label;
  options.y_label = y_label;
  return options;
}

std::vector<std::string> drawn_methods(const MachineModel& machine) {
  std::vector<std::string> methods;
  for (const std::string& method : methods_of_figures) {
    if (machine.per_pass_byte.contains(method)) methods.push_back(method);
  }
  return methods;
}

}  // namespace

std::vector<ScalingFigure> scaling_figures(const MachineModel& machine) {
  const std::vector<std::string> methods = drawn_methods(machine);
  const auto deep = [](double samples) {
    return [samples](double parameters) { return network_of_depth(depth, parameters, samples); };
  };
  const auto wide = [](double samples) {
    return [samples](double parameters) { return network_of_width(width, parameters, samples); };
  };
  const auto seconds = [&](const std::string& method, const CostShape& shape) {
    return predicted_seconds(machine, method, shape);
  };
  const auto memory = [](const std::string& method, const CostShape& shape) {
    return memory_cost(method, shape).total();
  };
  const auto sent = [&](const std::string& method, const CostShape& shape) {
    return parallel_cost(machine, method, shape, 10, interconnects().front()).sent.bytes;
  };
  const auto panel_title = [](const std::string& network, double samples) {
    return fmt::format("{}, {} samples", network, grouped(samples));
  };
  const std::string by_depth = fmt::format("depth {:.0f}", depth);
  const std::string by_width = fmt::format("width {:.0f}", width);
  std::vector<ScalingFigure> figures;
  /// `what` over the number of parameters, for few and for many samples.
  const auto add = [&](const std::string& name, const std::string& what, const std::string& y_label,
                       const std::string& network, const auto& family, double from, const auto& value) {
    ScalingFigure figure{name,
                         fmt::format("{} against parameters at {}", what, network),
                         {},
                         logarithmic("parameters", y_label)};
    for (const double samples : {some_samples, many_samples})
      figure.panels.push_back(
          growth_panel(panel_title(network, samples), family(samples), from, methods, value));
    figures.push_back(std::move(figure));
  };
  const std::string per_iteration = "seconds per iteration";
  const std::string held = "bytes held by one node";
  add("time-depth", per_iteration, per_iteration, by_depth, deep, 1e5, seconds);
  add("time-width", per_iteration, per_iteration, by_width, wide, 1e6, seconds);
  add("memory", held, held, by_depth, deep, 1e5, memory);
  add("communication", "bytes sent by a worker of ten per iteration", "bytes sent by a worker", by_depth,
      deep, 1e5, sent);
  ScalingFigure speed{"speed-up", "speed-up against workers", {}, logarithmic("workers", "speed-up")};
  const CostShape shape = deep_network();
  FigurePanel panel;
  panel.title =
      fmt::format("{} layers of {}, {} samples", shape.layers(), grouped(shape.n(1)), grouped(shape.samples));
  const std::vector<SpeedUpCase> cases = speed_up_cases(machine);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    FigureLine line;
    line.label = cases[i].label();
    line.style = page_style(i);
    CostShape of = shape;
    of.batch = cases[i].batch;
    for (const double workers : worker_counts) {
      line.x.push_back(workers);
      line.band.mean.push_back(speed_up(machine, cases[i].method, of, workers, cases[i].network));
    }
    panel.lines.push_back(std::move(line));
  }
  speed.panels.push_back(std::move(panel));
  figures.push_back(std::move(speed));
  for (ScalingFigure& figure : figures) {
    for (FigurePanel& drawn_panel : figure.panels) {
      drawn_panel.y_label = figure.options.y_label;
      for (FigureLine& line : drawn_panel.lines) line.key = key_with_last_value(line);
    }
  }
  return figures;
}

}  // namespace admmbench
