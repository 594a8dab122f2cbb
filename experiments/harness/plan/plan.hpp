#pragma once
/// The list of runs of an experiment: data set x solver x grid point x seed, each with a content hash.

#include <filesystem>
#include <string>
#include <vector>

#include "experiments/harness/config/experiment.hpp"

namespace admmbench {

struct Run {
  std::size_t dataset = 0;  ///< index into Experiment::datasets
  std::size_t solver = 0;   ///< index into Experiment::solvers
  long seed = 0;
  std::filesystem::path result;  ///< <out>/<experiment>/<dataset label>/<solver label>/seed-<s>.h5
  std::string config;            ///< resolved YAML text: everything that decides the result, and its labels
  std::string config_sha256;
  /// Of the configuration without labels, names and notes; the identity of the data; the initial file; the code
  /// of the solver. Empty if the data are not at hand, or the solver waits to be tuned.
  std::string content_hash;
};

/// `identities[d]`: dataset_identity() of data set d, or empty where it cannot be had. Runs come grouped by data set.
std::vector<Run> make_plan(const Experiment& experiment, const std::filesystem::path& out,
                           const std::vector<std::string>& identities);

/// SHA-256 of what decides what `solver` does: the sources of its method (core/program/code_version.hpp), and of a program of one's own
/// the files that it names.
std::string code_of(const SolverVariant& solver);

/// <data set label>/<solver label>/<seed>: tells a run from all others of the experiment.
std::string run_name(const Experiment& experiment, const Run& run);

/// Keeps the runs that every `--only key=value` admits (several values of one key: any of them). Keys: dataset, solver
/// (name or label), label, seed, run (run_name), or a grid parameter. Throws ConfigError, listing the possible values, for a key or
/// value that matches nothing.
std::vector<Run> select_runs(const Experiment& experiment, const std::vector<Run>& runs,
                             const std::vector<std::string>& only);

/// True if `run.result` is a complete result (completed, stopped or diverged) with the run's content hash.
bool is_cached(const Run& run);
/// True if the file holds a complete result, of whatever settings.
bool holds_complete_result(const std::filesystem::path& result);

}  // namespace admmbench
