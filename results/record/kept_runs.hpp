#pragma once
/// Runs kept beside the code as CSV (tools/keep-runs): NAME.csv, how each ended; NAME-curves.csv, points of its curves;
/// NAME-settings.csv, the configuration that runs of one setting share. Together they are what the report shows of runs.

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "results/record/run_record.hpp"

namespace admmbench {

/// What runs of one setting, on one machine, have in common.
struct KeptSettings {
  std::string settings_sha256;
  std::string cpu, blas;
  std::vector<std::uint64_t> widths;  ///< of the layers, the inputs first; empty: not known
  std::string config;                 ///< of one of the runs: the others have another seed
};

/// One line for each setting of `runs`, which are as they were read from their files.
void write_settings(std::ostream& out, const std::vector<RunRecord>& runs);

/// Reads what write_settings() wrote; `source` is named in errors. Throws std::runtime_error.
std::vector<KeptSettings> read_settings(const std::string& text, const std::string& source);

/// True if `header` is that of write_settings().
bool is_settings_header(const std::vector<std::string>& header);

/// Gives each run of `summaries` the points that `curves` have of it, and its configuration: that of its settings with its own seed, if
/// it has the hash that the summary says. What is not there stays empty.
void join_kept_runs(std::vector<RunRecord>& summaries, const std::vector<RunRecord>& curves,
                    const std::vector<KeptSettings>& settings);

}  // namespace admmbench
