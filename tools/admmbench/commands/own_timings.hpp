#pragma once
/// The time of an iteration of chosen methods, in this process: for the methods of a user's own program, which the suite's benchmark
/// program does not have.

#include <string>
#include <vector>

namespace admmbench {

struct OwnTimingOptions {
  std::vector<std::string> solvers;
  std::vector<std::string> shapes;  ///< "784-1000-1000-10x5000"; empty: the small one that is called smoke
  std::string filter;               ///< regular expression; empty: all
  long threads = 1;
  long repetitions = 1;
  double min_time = 0.5;  ///< seconds of a repetition, at least
};

/// iteration/SOLVER/SHAPE of every solver and shape that the filter lets through. Throws ConfigError for what is not understood.
std::vector<std::string> own_benchmarks(const OwnTimingOptions& options);

struct OwnTimings {
  std::string json;  ///< in Google Benchmark's form, every repetition
  long failed = 0;   ///< benchmarks whose method threw; their entries have `error_occurred`
};

/// Times them, and prints a table.
OwnTimings time_own_benchmarks(const OwnTimingOptions& options);

}  // namespace admmbench
