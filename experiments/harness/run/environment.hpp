#pragma once
/// Where a run happened: machine, source version and, above all, which BLAS did the work.

#include <string>

namespace admmbench {

struct Environment {
  std::string host;
  std::string cpu;         ///< model name
  std::string git_commit;  ///< of the sources, "-dirty" appended; "unknown" outside git
  std::string blas;        ///< vendor, version, core type where known, file
  std::string vectors;     ///< instructions of the element-wise passes (core/compute/vector_level.hpp)
  bool reference_blas =
      false;  ///< netlib's reference BLAS: an order of magnitude too slow to time anything with
};

/// `source_dir`: whose commit is asked for, installed_files(): a source tree, or an installation that has it in a file.
Environment probe_environment(const std::string& source_dir);

/// Processors that this process may use.
long available_cores();

/// UTC now, ISO 8601: 2026-01-31T12:00:00Z.
std::string utc_now();

}  // namespace admmbench
