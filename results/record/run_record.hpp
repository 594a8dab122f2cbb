#pragma once
/// A run: what it was, how it ended, and what it recorded. The one type that tables, comparisons, claims and reports use, whether
/// it comes from a result file or from a line of a summary.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "results/record/run_config.hpp"
#include "results/record/trajectory.hpp"

namespace admmbench {

/// 2: texts of fixed length, and `checksum`, the digest of all that is in the file. 1, written before, is read too.
inline constexpr std::int64_t result_schema_version = 2;
inline constexpr std::int64_t oldest_schema_version = 1;

enum class RunStatus { completed, stopped, diverged, failed, interrupted };
std::string to_string(RunStatus status);
/// Empty if no status is called so.
std::optional<RunStatus> to_status(const std::string& name);

/// Completed, or stopped by a rule: the last values of such a run may be compared.
bool is_finished(RunStatus status);
/// Finished, or diverged: nothing that running on could add.
bool is_complete(RunStatus status);

/// How many samples the accuracies of a run are shares of, so that they can be compared as the counts they are. 0: not recorded, or
/// there is no such split.
struct SampleCounts {
  std::int64_t train = 0, validation = 0, test = 0;
};

/// Attributes on `/` of a result file.
struct RunAttributes {
  std::int64_t schema_version = result_schema_version;
  std::string experiment, dataset, solver, label;
  std::int64_t seed = 0;
  std::string precision;      ///< float32 | float64
  std::string config;         ///< resolved YAML text of this run
  std::string config_sha256;  ///< of `config`
  std::string content_hash;   ///< config + data + initial file + code version: the key of the run cache
  std::string code_version;   ///< sha256 of the sources of core/ and the solver
  std::string data_sha256;
  std::string git_commit, host, cpu;
  std::int64_t threads = 1;
  std::string blas;        ///< vendor, version, file, core type
  std::string vectors;     ///< of the passes: x86-64-v2, -v3, -v4, native; empty in files of before 0.2
  std::string started_at;  ///< UTC, ISO 8601
  RunStatus status = RunStatus::completed;
  std::string message;
  std::string tuned;  ///< JSON: the search that chose the parameters, every point it tried; empty: none
  SampleCounts samples;
  std::int64_t processes = 1;    ///< that shared the run; `threads` is of each, `host` is the leader's
  std::int64_t peak_memory = 0;  ///< largest resident memory of the run's process, in bytes; 0: not recorded
};

/// What is kept of a trajectory that is not at hand, and what was computed of one that was.
struct RunEnd {
  std::int64_t iterations = 0;
  std::vector<std::pair<std::string, double>> last;  ///< column or measure, its last entry
  std::string trajectory_sha256;
};

struct RunRecord {
  std::filesystem::path path;
  RunAttributes attributes;
  RunConfig config;       ///< of a summary: profile, grid and settings_sha256 alone
  Trajectory trajectory;  ///< empty if it is not at hand, or the run failed before its first record
  RunEnd end;             ///< empty in a run as it is read from its file
  bool kept = false;  ///< read from CSV: its file is not at hand, and of its trajectory some points at most
  /// Of the layers, the inputs first, where the run was kept as CSV with its settings; else they are in its file (layer_widths).
  std::vector<std::uint64_t> widths;

  bool finished() const { return is_finished(attributes.status); }
  /// The last iteration recorded.
  std::int64_t iterations() const;
  /// The last entry of `column`, finite or not, if the run has it.
  std::optional<double> last(const std::string& column) const;
  /// The same of every column that has an entry, in recording order.
  std::vector<std::pair<std::string, double>> last_entries() const;
  /// Of all columns but those of clocks: equal for runs that are identical to the bit.
  std::string trajectory_sha256() const;
};

}  // namespace admmbench
