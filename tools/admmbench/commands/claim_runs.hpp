#pragma once
/// What the commands about claims share: whose runs a claim is judged by, and names that no claim has.

#include <filesystem>
#include <string>
#include <vector>

#include "results/claims/claims.hpp"

namespace admmbench {

/// Result files and summaries under `roots`, each run once, with the measures of `claims`; counts the damaged ones. Throws
/// CLI::ValidationError for a root that is not there.
std::vector<RunRecord> read_claim_runs(const std::vector<std::filesystem::path>& roots,
                                       const std::vector<Claim>& claims, std::size_t& damaged);

/// Timings of processes that share a run, of results/timings (is_team_experiment()); none if there are none.
std::vector<RunRecord> read_team_records();

/// What the files of the claims' experiments say there should be. Registries of other people may name experiments without a file.
std::vector<PlannedExperiment> planned_experiments(const std::vector<Claim>& claims);

/// The file of one of the suite's experiments; where there is none of this name, that of experiments/claims that it would be.
std::filesystem::path claim_experiment_file(const std::string& experiment);

/// Throws ConfigError with the names that are near.
[[noreturn]] void unknown_claim(const std::string& command, const std::string& word,
                                const std::vector<Claim>& claims);

}  // namespace admmbench
