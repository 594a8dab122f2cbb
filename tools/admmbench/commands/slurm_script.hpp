#pragma once
/// The runs of an experiment as a job array of Slurm.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiments/harness/session.hpp"

namespace admmbench {

/// What a job asks for beyond what its runs need by the models.
namespace slurm_reserve {
inline constexpr double time_factor = 3;  ///< of the expected seconds: nodes differ, and results are written
inline constexpr double least_seconds = 600;
inline constexpr double memory_factor = 1.5;  ///< data are counted twice where Slurm adds up processes
inline constexpr double least_bytes = 256e6;
}  // namespace slurm_reserve

struct SlurmOptions {
  std::string program;     ///< absolute path of admmbench
  std::string experiment;  ///< what `run` is given: a name, or an absolute path
  std::string profile;
  std::vector<std::string> settings;  ///< of --set
  std::filesystem::path out;
  long per_task = 1;              ///< runs of a task
  long threads = 1;               ///< of a run: processors of a task
  bool own_folders = false;       ///< each task has a folder of results, and merges it into `out` at its end
  bool force = false;             ///< runs that have a result, too
  std::vector<std::string> also;  ///< further options of sbatch, as "partition=long"
  std::string made_by;            ///< command line, for the comment
};

/// What the models say of each run of the session: seconds and bytes, where they can.
struct RunForecast {
  std::vector<std::optional<double>> seconds, bytes;
};

struct SlurmScript {
  std::string text;
  std::size_t tasks = 0;
  std::vector<std::string> warnings;  ///< one line each
};

/// The script for the runs of `session` that are not cached (with `force`: all). Throws std::invalid_argument if that is none.
SlurmScript slurm_script(const Session& session, const RunForecast& forecast, const SlurmOptions& options);

/// As Slurm reads it, rounded up to a minute: "00:10:00", "2-03:04:00".
std::string slurm_time(double seconds);

}  // namespace admmbench
