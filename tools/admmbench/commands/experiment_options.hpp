#pragma once
/// What `run` and `plan` share: what is changed of an experiment, which of its runs, and where the results go.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiments/harness/session.hpp"

namespace admmbench {

struct ExperimentOptions {
  std::string profile;
  std::vector<std::string> only;
  std::vector<std::string> settings;
  std::filesystem::path out = "results/runs";
  bool force = false;
};

/// Adds the options to `command`.
void add_experiment_options(CLI::App& command, ExperimentOptions& options);

/// The experiment that is called so, or in that file, as the options change it. Throws ConfigError.
Experiment load_chosen(const std::string& experiment, const ExperimentOptions& options);
SessionOptions session_options(const ExperimentOptions& options, MissingData missing);

/// One line per run: data set, solver, seed, content hash, cached or new.
void print_plan(const Session& session);
/// The same as JSON: {experiment, profile, tuning: [run], runs: [run], unavailable: [text]}, with the result file and the
/// parameters of every run. `memory`: bytes that each of session.runs will need.
void print_plan_json(const Session& session, const std::vector<std::optional<double>>& memory);

}  // namespace admmbench
