#include "results/costs/team_records.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "results/costs/scaling_study.hpp"
#include "results/costs/team_page.hpp"

namespace admmbench {

namespace {

RunRecord record_of(const std::string& experiment, const std::string& dataset, const std::string& method,
                    const std::string& label, std::string measure, double value) {
  RunRecord record;
  record.kept = true;
  record.attributes.experiment = experiment;
  record.attributes.dataset = dataset;
  record.attributes.solver = method;
  record.attributes.label = label;
  record.end.last = {{std::move(measure), value}};
  return record;
}

RunRecord measured(const TimedTeamRun& run) {
  const std::string processes = std::to_string(run.processes);
  RunRecord record = record_of("team-" + run.method, network_text(run.shape), run.method,
                               fmt::format("{}-processes={}", run.method, processes),
                               "per_iteration(seconds)", seconds_of(run));
  record.attributes.processes = run.processes;
  record.config.grid = {{"processes", processes}};
  record.end.iterations = static_cast<std::int64_t>(run.seconds.size());
  return record;
}

void add_measured(const TeamTimings& timings, const TeamCase& one, std::vector<RunRecord>& records) {
  std::map<int, std::int64_t> repetitions;
  const std::string shape = to_string(one.shape);
  for (const TimedTeamRun& run : timings.runs) {
    if (run.method != one.method || run.at_once != 1 || to_string(run.shape) != shape) continue;
    records.push_back(measured(run));
    records.back().attributes.seed = repetitions[run.processes]++;
  }
}

void add_simulated(const std::string& method, const MachineModel& machine, std::vector<RunRecord>& records) {
  const CostShape shape = table_two_network();
  constexpr int workers = table_two_workers;
  for (const Interconnect& network : interconnects()) {
    if (network.name == "shared") continue;  // no machines
    records.push_back(record_of(fmt::format("team-{}-simulated", method), network.name, method,
                                fmt::format("simulated-workers={}", workers), "speed_up",
                                simulated_speed_up(machine, method, shape, workers, network, false)));
  }
}

}  // namespace

std::vector<RunRecord> team_records(const TeamTimings& timings, const MachineModel& machine) {
  std::vector<RunRecord> records;
  std::set<std::string> layered;
  for (const TeamCase& one : timings.cases) {
    if (one.scaling != "strong") continue;
    add_measured(timings, one, records);
    if (!method_cost(one.method, one.shape).layers.empty()) layered.insert(one.method);
  }
  for (const std::string& method : layered) add_simulated(method, machine, records);
  return records;
}

}  // namespace admmbench
