#include "results/costs/team_timing.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "core/io/csv.hpp"
#include "core/io/yaml_text.hpp"

namespace admmbench {

namespace {

std::vector<double> number_list(const YAML::Node& node) {
  std::vector<double> values;
  for (const YAML::Node& entry : node) values.push_back(entry.as<double>());
  return values;
}

std::vector<MessageTiming> read_messages(const YAML::Node& list) {
  std::vector<MessageTiming> timings;
  for (const YAML::Node& entry : list)
    timings.push_back(
        {entry["bytes"].as<double>(), entry["seconds"].as<double>(), entry["trips"].as<double>()});
  return timings;
}

TimedTeamRun read_team_run(const YAML::Node& node) {
  TimedTeamRun run;
  run.method = node["method"].as<std::string>();
  run.shape = parse_shape(node["shape"].as<std::string>());
  run.processes = node["processes"].as<int>();
  run.at_once = node["at_once"].as<int>();
  run.groups = number_list(node["groups"]);
  run.seconds = number_list(node["seconds"]);
  run.computing = number_list(node["computing"]);
  run.waiting = number_list(node["waiting"]);
  run.imbalance = node["imbalance"].as<double>();
  run.bytes_sent = node["bytes_sent"].as<double>();
  if (run.seconds.empty() || run.computing.size() != run.seconds.size() ||
      run.waiting.size() != run.seconds.size())
    throw std::invalid_argument(fmt::format("no iteration of {} was timed", run.method));
  return run;
}

AccuracyCurve read_curve(const YAML::Node& node) {
  AccuracyCurve curve{node["label"].as<std::string>(),   node["processes"].as<int>(),
                      node["dataset"].as<std::string>(), node["network"].as<std::string>(),
                      number_list(node["seconds"]),      number_list(node["accuracy"])};
  if (curve.seconds.size() != curve.accuracy.size() || curve.seconds.size() < 2)
    throw std::invalid_argument(fmt::format("the curve of {} has no point for each second", curve.label));
  return curve;
}

void fill(TeamTimings& timings, const YAML::Node& root) {
  timings.commit = root["commit"].as<std::string>();
  timings.date = root["date"].as<std::string>();
  timings.launcher = root["launcher"].as<std::string>();
  timings.cpu = root["machine"]["cpu"].as<std::string>();
  timings.blas = root["machine"]["blas"].as<std::string>();
  if (root["note"].IsDefined()) timings.note = root["note"].as<std::string>();
  timings.messages = read_messages(root["messages"]);
  timings.sums = read_messages(root["sums"]);
  for (const YAML::Node& node : root["cases"])
    timings.cases.push_back({node["scaling"].as<std::string>(), node["method"].as<std::string>(),
                             parse_shape(node["from"].as<std::string>()),
                             parse_shape(node["shape"].as<std::string>()), node["processes"].as<int>()});
  for (const YAML::Node& node : root["runs"]) timings.runs.push_back(read_team_run(node));
  for (const YAML::Node& node : root["curves"]) timings.curves.push_back(read_curve(node));
  if (timings.cases.empty()) throw std::invalid_argument("no case");
  static_cast<void>(timings.links());
}

/// What the processes together need for an iteration of each block. The leader may be ahead of the others at its end.
std::vector<double> slowest_seconds(const TimedTeamRun& run) {
  std::vector<double> slowest = run.seconds;
  for (std::size_t k = 0; k < slowest.size() && run.processes > 1; ++k) {
    const double all = run.processes * (run.computing.at(k) + run.waiting.at(k));
    slowest[k] = std::max(run.seconds[k], (all - run.seconds[k]) / (run.processes - 1));
  }
  return slowest;
}

/// Its place, and its seconds.
std::pair<std::size_t, double> fastest_block(const TimedTeamRun& run) {
  const std::vector<double> seconds = slowest_seconds(run);
  const auto first = seconds.begin() + (seconds.size() > 1 ? 1 : 0);
  const auto fastest = std::min_element(first, seconds.end());
  return {static_cast<std::size_t>(fastest - seconds.begin()), *fastest};
}

double part_seconds(const MachineModel& machine, const std::string& method, const MethodCost& cost,
                    double entry_bytes, std::size_t first, std::size_t count) {
  double seconds = 0;
  for (std::size_t l = first; l < first + count; ++l)
    seconds += predicted_seconds(machine, method, cost.layers[l].iteration, entry_bytes);
  return seconds;
}

/// As tools/measure-team runs it: p and q in 16 bits, where they are quantised.
CostOptions measured_options(const std::string& method) {
  CostOptions options;
  if (method == "pdadmm_gq") {
    options.quantize_q = true;
    options.code_bytes = 2;
  }
  return options;
}

/// What passes through a process on its way to and from its neighbours.
double neighbour_seconds(const std::vector<LayerCost>& layers, std::size_t first, std::size_t count,
                         const LinkFit& link) {
  double bytes = 0;
  double messages = 0;
  const auto interface = [&](const InterfaceBytes& moved) {
    bytes += moved.down + moved.up;
    messages += 2;  // p and q; u is computed by its receiver
  };
  if (first > 0) interface(layers[first - 1].above);
  if (first + count < layers.size()) interface(layers[first + count - 1].above);
  return messages * link.latency + bytes / link.bandwidth;
}

/// The rest from `computing` and each process's time for messages.
TeamPrediction completed(std::vector<double> computing, const std::vector<double>& messages) {
  TeamPrediction result;
  for (std::size_t i = 0; i < computing.size(); ++i) {
    if (computing[i] + messages[i] > result.seconds) {
      result.seconds = computing[i] + messages[i];
      result.messages = messages[i];
    }
  }
  const double mean =
      std::accumulate(computing.begin(), computing.end(), 0.0) / static_cast<double>(computing.size());
  result.exposed = 1 - mean / result.seconds;
  result.imbalance = *std::max_element(computing.begin(), computing.end()) / mean;
  result.computing = std::move(computing);
  return result;
}

}  // namespace

double seconds_of(const TimedTeamRun& run) { return fastest_block(run).second; }

Links TeamTimings::links() const { return {fit_link(messages), fit_link(sums)}; }

TeamTimings read_team_timings(const std::filesystem::path& file) {
  TeamTimings timings;
  try {
    fill(timings, load_yaml(read_text_file(file)));
  } catch (const YAML::Exception& error) {
    throw std::runtime_error(
        fmt::format("{}: no timings of tools/measure-team: {}", file.string(), error.what()));
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(fmt::format("{}: {}", file.string(), error.what()));
  }
  return timings;
}

TeamTimes fastest_of(const TeamTimings& timings, const std::string& method, const CostShape& shape,
                     int processes, int at_once) {
  const std::string wanted = to_string(shape);
  std::optional<TeamTimes> result;
  for (const TimedTeamRun& run : timings.runs) {
    if (run.method != method || run.processes != processes || run.at_once != at_once ||
        to_string(run.shape) != wanted)
      continue;
    const auto [block, seconds] = fastest_block(run);
    if (result && seconds >= result->seconds) continue;
    const double exposed = run.processes > 1 ? 1 - run.computing.at(block) / seconds : 0;
    result = {seconds, exposed, run.imbalance, run.bytes_sent, run.groups};
  }
  if (!result)
    throw std::invalid_argument(
        fmt::format("no run of {} at {} by {}, {} at once", method, wanted,
                    processes == 1 ? "one process" : fmt::format("{} processes", processes), at_once));
  return *result;
}

MachineModel adjusted_to(const MachineModel& machine, const std::string& method, const CostShape& shape,
                         double seconds) {
  constexpr double most = 8;
  MachineModel without = machine;
  without.per_flop = 0;
  without.per_product_byte = 0;
  const double rest = predicted_seconds(without, method, shape);
  const double products = predicted_seconds(machine, method, shape) - rest;
  if (!(products > 0)) return machine;
  const double factor = std::clamp((seconds - rest) / products, 1 / most, most);
  MachineModel result = machine;
  result.per_flop *= factor;
  result.per_product_byte *= factor;
  return result;
}

TeamPrediction predict_team(const MachineModel& machine, const std::string& method, const CostShape& serial,
                            double serial_seconds, const CostShape& shape, int processes,
                            const std::vector<double>& groups, const Links& links) {
  const MachineModel adjusted = adjusted_to(machine, method, serial, serial_seconds);
  const double scale = serial_seconds / predicted_seconds(adjusted, method, serial);
  const MethodCost cost = method_cost(method, shape, measured_options(method));
  const auto count = static_cast<std::size_t>(processes);
  if (cost.layers.empty()) {
    CostShape share = shape;
    share.samples /= processes;
    share.batch /= processes;
    CostOptions options;
    options.span = false;  // x^T x would need all samples in one place
    const double computing =
        scale *
        predicted_seconds(adjusted, method, method_cost(method, share, options).iteration, share.entry_bytes);
    // To the first process and back, in a tree.
    const double rounds = std::ceil(std::log2(static_cast<double>(processes)));
    const double sums = rounds * (cost.reductions.count * links.sum.latency +
                                  cost.reductions.entries * shape.entry_bytes / links.sum.bandwidth);
    return completed(std::vector<double>(count, computing), std::vector<double>(count, sums));
  }
  if (groups.size() != count ||
      std::accumulate(groups.begin(), groups.end(), 0.0) != static_cast<double>(cost.layers.size()))
    throw std::invalid_argument(fmt::format("{} layers are not those of {} groups for {} processes",
                                            cost.layers.size(), groups.size(), processes));
  std::vector<double> computing;
  std::vector<double> messages;
  std::size_t first = 0;
  for (const double layers : groups) {
    const auto own = static_cast<std::size_t>(layers);
    computing.push_back(scale * part_seconds(adjusted, method, cost, shape.entry_bytes, first, own));
    messages.push_back(neighbour_seconds(cost.layers, first, own, links.message));
    first += own;
  }
  return completed(std::move(computing), messages);
}

}  // namespace admmbench
