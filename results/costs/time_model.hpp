#pragma once
/// From what an iteration costs (results/costs/cost_model.hpp) to seconds: a machine's rates, fitted to timings of iterations, and
/// checked on timings that the fit has not seen. docs/measured/scaling.md is what comes of it.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "results/costs/cost_model.hpp"

namespace admmbench {

/// A measured iteration.
struct IterationTiming {
  std::string method;
  CostShape shape;
  double seconds = 0;
};

/// Timings of one machine.
struct Calibration {
  std::string commit, date;
  std::string cpu, blas;
  long threads = 0;
  std::string note;  ///< what to know of the timings; may be empty
  std::vector<IterationTiming> timings;
};

/// Reads what calibration_json() writes, or what `tools/timings/bench --scaling` does (Google Benchmark's JSON). Throws
/// std::runtime_error naming the file.
Calibration read_calibration(const std::filesystem::path& file);

/// One timing a line, so that a new run is a readable difference.
std::string calibration_json(const Calibration& calibration);

/// Seconds per unit of cost. What the passes of a method do per byte differs (a multiplication, a Newton step per entry, data in
/// cache or not), so that each method has a rate of its own there; all others are the machine's.
struct MachineModel {
  double per_flop = 0;  ///< of a matrix product
  double per_product_byte = 0;
  double per_product = 0;  ///< a call, with the passes around it
  double per_solve_flop = 0;
  double per_newton_entry = 0;
  std::map<std::string, double> per_pass_byte;
};

/// Least squares of the relative errors, no rate negative. Throws std::invalid_argument if there is no timing.
MachineModel fit_machine(const std::vector<IterationTiming>& timings);

/// Throws std::invalid_argument if `machine` has not seen the method.
double predicted_seconds(const MachineModel& machine, const std::string& method, const IterationCost& cost,
                         double entry_bytes);
double predicted_seconds(const MachineModel& machine, const std::string& method, const CostShape& shape);

/// |predicted / measured - 1| of timings that the fit did not see.
struct ModelError {
  std::size_t timings = 0;
  double median = 0;
  double worst = 0;
  std::string worst_shape;
};

/// Each timing predicted from all the others, by method.
std::map<std::string, ModelError> leave_one_out(const std::vector<IterationTiming>& timings);

/// The timings with the most operations predicted from the others.
struct Extrapolation {
  ModelError error;
  double seen_flops = 0;       ///< largest iteration of the fit
  double predicted_flops = 0;  ///< largest iteration predicted
};
Extrapolation extrapolate(const std::vector<IterationTiming>& timings, double share);

/// What lies between workers.
struct Interconnect {
  std::string name;
  double latency = 0;    ///< seconds of a message
  double bandwidth = 0;  ///< bytes per second, each way at once
};

/// 10GbE, 100GbE, shared.
const std::vector<Interconnect>& interconnects();

/// One of interconnects(), or "LATENCY,BANDWIDTH" in seconds and bytes per second. Throws std::invalid_argument.
Interconnect parse_interconnect(const std::string& text);

/// An iteration on several workers.
struct ParallelCost {
  double workers = 1;        ///< that have work
  double compute = 0;        ///< seconds of the slowest
  double communication = 0;  ///< seconds
  Messages sent;             ///< by the one that sends most
  double memory = 0;         ///< bytes that the fullest holds

  double seconds() const { return compute + communication; }
};

/// pdADMM: consecutive layers to each worker, so that the slowest has least to do; the others: a share of the samples (of
/// each batch) to each, sums by ring all-reduce. Nothing is sent while something is computed.
ParallelCost parallel_cost(const MachineModel& machine, const std::string& method, const CostShape& shape,
                           double workers, const Interconnect& network);

}  // namespace admmbench
