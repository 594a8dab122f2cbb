#pragma once
/// Where a run happened: machine, source version and, above all, which BLAS did the work.

#include <string>

namespace admmbench {

struct Environment {
  std::string host;
  std::string cpu;         ///< model name
  std::string git_commit;  ///< of the sources, "-dirty" appended; "unknown" outside git
  std::string blas;        ///< vendor, version, core type where known, file
  bool reference_blas =
      false;  ///< netlib's reference BLAS: an order of magnitude too slow to time anything with
};

/// `source_dir`: whose commit is asked for, installed_files(): a source tree, or an installation that has it in a file.
Environment probe_environment(const std::string& source_dir);

/// Processors that this process may use.
long available_cores();

/// Sets the number of threads of the BLAS in use, through the library's own call and the environment of children.
void set_blas_threads(long threads);

/// UTC now, ISO 8601: 2026-01-31T12:00:00Z.
std::string utc_now();

}  // namespace admmbench
