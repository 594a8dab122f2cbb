#pragma once
/// Result files (docs/reference/results.md): one HDF5 file per data set x solver x seed.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/io/hdf5_file.hpp"
#include "core/problem/network.hpp"
#include "core/problem/state_visitor.hpp"
#include "results/record/trajectory.hpp"

namespace admmbench {

inline constexpr std::int64_t result_schema_version = 1;

enum class RunStatus { completed, stopped, diverged, failed, interrupted };
std::string to_string(RunStatus status);

/// Attributes on `/`.
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
  std::string started_at;  ///< UTC, ISO 8601
  RunStatus status = RunStatus::completed;
  std::string message;
  std::string tuned;  ///< JSON: the search that chose the parameters, every point it tried; empty: none
};

/// The temporary name under which process `process` writes `path`. Not of the form seed-*.h5, so that what a killed process
/// leaves is never taken for a result.
std::filesystem::path partial_file(const std::filesystem::path& path, long process);

/// Writes `path` under a temporary name in the same folder; commit() flushes, fsyncs and renames. A writer destroyed
/// before commit() removes its temporary file.
class RunWriter {
 public:
  explicit RunWriter(std::filesystem::path path);
  ~RunWriter();
  RunWriter(const RunWriter&) = delete;
  RunWriter& operator=(const RunWriter&) = delete;

  /// group: "initial" or "final".
  template <class T>
  void write_network(const std::string& group, const Network<T>& network);
  /// /iterates/<k>/...: every named variable that `visit` shows its visitor.
  template <class T>
  void write_iterate(long k, const std::function<void(StateVisitor<T>&)>& visit);
  void write_trajectory(const Trajectory& trajectory);
  void write_attributes(const RunAttributes& attributes);

  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::optional<Hdf5File> file_;
};

/// A run as read back: attributes and trajectory; networks and iterates stay in the file.
struct RunRecord {
  std::filesystem::path path;
  RunAttributes attributes;
  Trajectory trajectory;
};

/// Completed, or stopped by a rule: a run whose last values may be compared.
bool is_finished(const RunRecord& run);

/// Throws Hdf5Error, or std::runtime_error naming what is missing or of an unknown schema version.
RunRecord read_run(const std::filesystem::path& path);

/// Just the content hash and status of `path`; empty if it is not a complete result file. Never throws.
std::optional<RunAttributes> peek_run(const std::filesystem::path& path);

/// All result files (seed-*.h5) under the given files or folders, sorted by path.
std::vector<std::filesystem::path> find_runs(const std::vector<std::filesystem::path>& roots);

/// W1, b1, ... at the root of `path`, or under /initial or /final of a result file (in that order of preference). Throws std::runtime_error naming file, array and shapes if they do not fit `widths`.
template <class T>
Network<T> read_network(const std::filesystem::path& path, const std::vector<arma::uword>& widths);

}  // namespace admmbench
