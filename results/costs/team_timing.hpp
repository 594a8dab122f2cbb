#pragma once
/// Runs that processes shared, as tools/measure-team timed them (results/timings/team.json), and what the cost model says that they
/// should have taken: from one process's time, the balance of the layers or samples, and the time of messages.

#include <filesystem>
#include <string>
#include <vector>

#include "results/costs/message_timing.hpp"
#include "results/costs/time_model.hpp"

namespace admmbench {

/// What lies between the processes: messages between neighbours, and sums over all.
struct Links {
  LinkFit message, sum;
};

/// A run. Entry k of each list is of an iteration of its block k + 1, the iterations between two records: only there do processes wait
/// for each other outside of iterations.
struct TimedTeamRun {
  std::string method;
  CostShape shape;
  int processes = 1;
  int at_once = 1;  ///< such runs at the same time: the processors were as busy as with as many processes
  std::vector<double> groups;              ///< layers of each process; empty: samples are shared
  std::vector<double> seconds;             ///< of the leader
  std::vector<double> computing, waiting;  ///< means over the processes
  double imbalance = 1;
  double bytes_sent = 0;  ///< of an iteration
};

/// One process at `from` against `processes` at `shape`: strong scaling has one shape, weak scaling a smaller one first.
struct TeamCase {
  std::string scaling;  ///< "strong", "weak"
  std::string method;
  CostShape from, shape;
  int processes = 2;
};

/// Accuracy on the test set against seconds.
struct AccuracyCurve {
  std::string label;  ///< "pdadmm", "adam"
  int processes = 1;
  std::string dataset, network;
  std::vector<double> seconds, accuracy;
};

/// Of one session.
struct TeamTimings {
  std::string commit, date, launcher, cpu, blas;
  std::string note;  ///< what to know of the figures; may be empty
  std::vector<MessageTiming> messages, sums;
  std::vector<TeamCase> cases;
  std::vector<TimedTeamRun> runs;
  std::vector<AccuracyCurve> curves;

  /// Fitted to the session's messages.
  Links links() const;
};

/// Reads what tools/measure-team writes. Throws std::runtime_error naming the file.
TeamTimings read_team_timings(const std::filesystem::path& file);

/// An iteration of the slower process, the leader or the mean of the others, in the run's fastest block: whatever else a host does only
/// ever adds to a time. The first block, which touches memory for the first time, is left out where there are more.
double seconds_of(const TimedTeamRun& run);

/// The fastest of the runs of a case, by seconds_of(), and its fastest block.
struct TeamTimes {
  double seconds =
      0;  ///< of the leader or of the mean of the others, whichever took longer: of two processes, the slower
  double exposed = 0;    ///< 1 - computing / seconds
  double imbalance = 1;  ///< seconds at work of the busiest process over their mean
  double bytes_sent = 0;
  std::vector<double> groups;
};

/// Throws std::invalid_argument if there is no such run.
TeamTimes fastest_of(const TeamTimings& timings, const std::string& method, const CostShape& shape,
                     int processes, int at_once = 1);

/// An iteration.
struct TeamPrediction {
  std::vector<double> computing;  ///< seconds of each process, without messages
  double messages = 0;            ///< seconds of the slowest process for what it sends and receives
  double seconds = 0;
  double exposed = 0;  ///< share of their time in which processes do not compute, mean
  double imbalance = 1;
};

/// The machine with rates of products so that an iteration takes `seconds`: what calibrations with other threads need. The factor stays
/// within 1/8 and 8; how far it falls short, the ratios in predict_team() make up.
MachineModel adjusted_to(const MachineModel& machine, const std::string& method, const CostShape& shape,
                         double seconds);

/// From `serial_seconds` of one process at `serial`. Layers: `groups` has how many each process has. On one host a message is a copy
/// that its two processes make: nobody else does, so that it adds to their computing, and only waiting for its sender is hidden.
/// Samples: all wait for every sum. Throws std::invalid_argument if the groups do not fit the network.
TeamPrediction predict_team(const MachineModel& machine, const std::string& method, const CostShape& serial,
                            double serial_seconds, const CostShape& shape, int processes,
                            const std::vector<double>& groups, const Links& links);

}  // namespace admmbench
