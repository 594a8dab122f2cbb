#include "results/costs/team_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

#include "core/io/markdown.hpp"
#include "results/costs/scaling_study.hpp"

namespace admmbench {

namespace {

constexpr auto right_aligned = MarkdownTable::Columns::numbers;
constexpr double promised = 0.15;  ///< error of a prediction

std::string share_text(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string microseconds(double seconds) { return fmt::format("{:.1f} us", 1e6 * seconds); }

std::string milliseconds(double seconds) {
  return seconds < 1 ? fmt::format("{:.3g} ms", 1e3 * seconds) : fmt::format("{:.3g} s", seconds);
}

/// A case with its figures.
struct TeamRow {
  const TeamCase* of = nullptr;
  TeamTimes alone, beside, together;
  TeamPrediction predicted;

  double error() const { return predicted.seconds / together.seconds - 1; }
  double efficiency() const {
    const double work = of->scaling == "strong" ? of->processes : 1;
    return alone.seconds / together.seconds / work;
  }
};

std::vector<TeamRow> team_rows(const TeamTimings& timings, const MachineModel& machine) {
  const Links links = timings.links();
  std::vector<TeamRow> rows;
  for (const TeamCase& one : timings.cases) {
    TeamRow row;
    row.of = &one;
    row.alone = fastest_of(timings, one.method, one.from, 1);
    row.beside = fastest_of(timings, one.method, one.from, 1, one.processes);
    row.together = fastest_of(timings, one.method, one.shape, one.processes);
    row.predicted = predict_team(machine, one.method, one.from, row.beside.seconds, one.shape, one.processes,
                                 row.together.groups, links);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string about_session(const TeamTimings& timings) {
  return fmt::format("{}, {}, one thread for each process, {}, revision {}, {}.{}\n\n", timings.cpu,
                     timings.blas, timings.launcher, timings.commit.substr(0, 7), timings.date,
                     timings.note.empty() ? std::string() : fmt::format(" **{}**", timings.note));
}

std::string messages_table(const TeamTimings& timings, const MachineModel&) {
  MarkdownTable table(
      {"between two processes", "latency", "bandwidth", "worst error of the fit", "8 B", "largest", "of"},
      right_aligned);
  const Links links = timings.links();
  const auto add = [&](const std::string& name, const std::vector<MessageTiming>& list, const LinkFit& fit) {
    table.add({name, microseconds(fit.latency), fmt::format("{:.3g} GB/s", 1e-9 * fit.bandwidth),
               share_text(fit.worst_error), microseconds(list.front().seconds),
               milliseconds(list.back().seconds), fmt::format("{:.3g} MB", 1e-6 * list.back().bytes)});
  };
  add("a message", timings.messages, links.message);
  add("a sum", timings.sums, links.sum);
  return about_session(timings) + table.text();
}

std::string team_table(const TeamTimings& timings, const MachineModel& machine) {
  const std::vector<TeamRow> rows = team_rows(timings, machine);
  MarkdownTable seconds({"scaling, method", "network", "one alone", "one beside another", "processes",
                         "measured", "predicted", "error", "speed-up", "efficiency"},
                        right_aligned);
  MarkdownTable shares({"scaling, method", "network", "shared as", "exposed", "predicted", "imbalance",
                        "predicted", "sent an iteration"},
                       right_aligned);
  std::vector<std::string> beyond;
  double worst = 0;
  for (const TeamRow& row : rows) {
    const TeamCase& one = *row.of;
    const std::string name = fmt::format("{}, `{}`", one.scaling, one.method);
    const std::string from =
        one.scaling == "strong"
            ? network_text(one.shape)
            : fmt::format("{} layers, N = {} to {}", one.from.layers(),
                          scaling_study::grouped(one.from.samples), network_text(one.shape));
    seconds.add({name, from, milliseconds(row.alone.seconds), milliseconds(row.beside.seconds),
                 std::to_string(one.processes), milliseconds(row.together.seconds),
                 milliseconds(row.predicted.seconds), fmt::format("{:+.1f} %", 100 * row.error()),
                 fmt::format("{:.2f}", row.efficiency() * one.processes), share_text(row.efficiency())});
    shares.add(
        {name, from,
         row.together.groups.empty() ? "samples"
                                     : fmt::format("layers {}", fmt::join(row.together.groups, " + ")),
         share_text(row.together.exposed), share_text(row.predicted.exposed),
         fmt::format("{:.2f}", row.together.imbalance), fmt::format("{:.2f}", row.predicted.imbalance),
         row.together.groups.empty() ? "sums" : fmt::format("{:.3g} MB", 1e-6 * row.together.bytes_sent)});
    worst = std::max(worst, std::abs(row.error()));
    if (std::abs(row.error()) > promised) beyond.push_back(name);
  }
  const std::string verdict =
      beyond.empty()
          ? fmt::format("All {} predictions are within {:.0f} % of what was measured, the worst {}.\n",
                        rows.size(), 100 * promised, share_text(worst))
          : fmt::format(
                "{} of {} predictions are within {:.0f} % of what was measured, the worst {}; not: {}.\n",
                rows.size() - beyond.size(), rows.size(), 100 * promised, share_text(worst),
                fmt::join(beyond, "; "));
  return about_session(timings) + seconds.text() + "\n" + verdict + "\n" + shares.text();
}

/// Of the records after the first, which is of the initial point.
double best_accuracy(const AccuracyCurve& curve) {
  return *std::max_element(curve.accuracy.begin() + 1, curve.accuracy.end());
}

/// Seconds at the first of these that is at least as accurate.
std::optional<double> seconds_to(const AccuracyCurve& curve, double accuracy) {
  for (std::size_t i = 1; i < curve.accuracy.size(); ++i) {
    if (curve.accuracy[i] >= accuracy) return curve.seconds[i];
  }
  return std::nullopt;
}

CostShape thousand_layers() {
  CostShape shape = table_two_network();
  shape.widths.assign(1001, 1500);
  shape.widths.front() = scaling_study::inputs;
  shape.widths.back() = scaling_study::outputs;
  return shape;
}

/// Communication after the computation, or wholly hidden behind it where it is the shorter.
double simulated_seconds(const ParallelCost& cost, bool overlapping) {
  return overlapping ? std::max(cost.compute, cost.communication) : cost.seconds();
}

/// Micro-batches of the pipeline beside which the simulation stands.
constexpr double micro_batches = 32;

std::string simulated_table(const MachineModel& machine, const CostShape& shape,
                            const std::vector<double>& workers) {
  std::vector<std::string> head{"simulated, workers"};
  for (const double count : workers) head.push_back(scaling_study::grouped(count));
  MarkdownTable table(head, right_aligned);
  for (const scaling_study::SpeedUpCase& which : scaling_study::speed_up_cases(machine)) {
    if (which.network.name == "shared") continue;  // nobody has twenty workers there
    for (const bool overlapping : {false, true}) {
      std::vector<std::string> cells{which.label() + (overlapping ? ", overlapping" : "")};
      CostShape of = shape;
      of.batch = which.batch;
      for (const double count : workers)
        cells.push_back(fmt::format(
            "{:.3g}", simulated_speed_up(machine, which.method, of, count, which.network, overlapping)));
      table.add(cells);
    }
  }
  std::vector<std::string> pipeline{
      fmt::format("pipeline of {:.0f} micro-batches: its bubble alone", micro_batches)};
  for (const double count : workers)
    pipeline.push_back(fmt::format("{:.3g}", count * micro_batches / (micro_batches + count - 1)));
  table.add(pipeline);
  return table.text();
}

std::string simulated_part(const TeamTimings&, const MachineModel& machine) {
  return fmt::format(
      "**Simulation**, {}:\n\n{}\n**Simulation**, {}:\n\n{}", network_text(table_two_network()),
      simulated_table(machine, table_two_network(), {1, 2, 4, 8, 16, 20}), network_text(thousand_layers()),
      simulated_table(machine, thousand_layers(), {1, 20, 50, 100, 200, 500, 1000}));
}

const AccuracyCurve& curve_of(const TeamTimings& timings, const std::string& label, int processes) {
  for (const AccuracyCurve& curve : timings.curves) {
    if (curve.label == label && curve.processes == processes) return curve;
  }
  throw std::invalid_argument(fmt::format("no curve of {} with {} processes", label, processes));
}

std::string accuracy_part(const TeamTimings& timings, const MachineModel& machine) {
  const AccuracyCurve& alone = curve_of(timings, "pdadmm", 1);
  const double target = best_accuracy(alone);
  const double own = *seconds_to(alone, target);
  double fastest_serial = std::numeric_limits<double>::infinity();
  double team_seconds = own;
  int team = 1;
  std::string fastest;
  MarkdownTable table({"method", "processes", "best accuracy", "seconds, all iterations",
                       "seconds to the target", "against `pdadmm` alone"},
                      right_aligned);
  for (const AccuracyCurve& curve : timings.curves) {
    const std::optional<double> seconds = seconds_to(curve, target);
    if (seconds && curve.processes == 1 && *seconds < fastest_serial) {
      fastest_serial = *seconds;
      fastest = curve.label;
    }
    if (seconds && curve.label == "pdadmm" && curve.processes > team) {
      team = curve.processes;
      team_seconds = *seconds;
    }
    table.add({fmt::format("`{}`", curve.label), std::to_string(curve.processes),
               fmt::format("{:.4f}", best_accuracy(curve)), fmt::format("{:.3g}", curve.seconds.back()),
               seconds ? fmt::format("{:.3g}", *seconds) : "not reached",
               seconds ? fmt::format("{:.3g} times as fast", own / *seconds) : ""});
  }
  const double simulated = simulated_speed_up(machine, "pdadmm", table_two_network(), table_two_workers,
                                              interconnects().front(), true);
  std::string text = fmt::format("Test accuracy {:.4f} on {}, {}, the best of `pdadmm`:\n\n{}\n", target,
                                 alone.dataset, alone.network, table.text());
  if (fastest == "pdadmm")
    return text +
           "The best serial method to this accuracy is `pdadmm` itself: both speed-ups are the same.\n";
  return text + fmt::format(
                    "The best serial method to this accuracy is `{}`. With {} processes `pdadmm` is {:.2f} "
                    "times as fast as\n"
                    "itself with one, and {:.3g} times as fast as `{}` with one. If it kept the {:.3g} of 20 "
                    "workers that the\n"
                    "simulation gives it below, the latter would be {:.3g}.\n",
                    fastest, team, own / team_seconds, fastest_serial / team_seconds, fastest, simulated,
                    simulated * fastest_serial / own);
}

using TeamPart = std::string (*)(const TeamTimings&, const MachineModel&);

const std::vector<std::pair<std::string, TeamPart>> team_part_list{{"messages", messages_table},
                                                                   {"team", team_table},
                                                                   {"to-accuracy", accuracy_part},
                                                                   {"simulated", simulated_part}};

}  // namespace

std::string network_text(const CostShape& shape) {
  const std::string batch =
      shape.batched() ? fmt::format(", B = {}", scaling_study::grouped(shape.batch)) : std::string();
  return fmt::format("{} layers of {}, N = {}{}", scaling_study::grouped(static_cast<double>(shape.layers())),
                     scaling_study::grouped(shape.n(1)), scaling_study::grouped(shape.samples), batch);
}

CostShape table_two_network() {
  CostShape shape;
  shape.widths.assign(21, 1500);
  shape.widths.front() = scaling_study::inputs;
  shape.widths.back() = scaling_study::outputs;
  shape.samples = scaling_study::some_samples;
  return shape;
}

double simulated_speed_up(const MachineModel& machine, const std::string& method, const CostShape& shape,
                          double workers, const Interconnect& network, bool overlapping) {
  return parallel_cost(machine, method, shape, 1, network).compute /
         simulated_seconds(parallel_cost(machine, method, shape, workers, network), overlapping);
}

std::vector<std::string> team_parts() {
  std::vector<std::string> names;
  for (const auto& part : team_part_list) names.push_back(part.first);
  return names;
}

std::string team_part(const std::string& name, const TeamTimings& timings, const MachineModel& machine) {
  for (const auto& [known, part] : team_part_list) {
    if (known == name) return part(timings, machine);
  }
  throw std::invalid_argument(fmt::format("no part {}; allowed: {}", name, fmt::join(team_parts(), ", ")));
}

}  // namespace admmbench
