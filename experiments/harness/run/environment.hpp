#pragma once
/// Where a run happened: machine, source version and, above all, which BLAS did the work.

#include <optional>
#include <string>

namespace admmbench {

struct Environment {
  std::string host;
  std::string cpu;         ///< model name
  std::string git_commit;  ///< built_from()
  std::string blas;        ///< vendor, version, core type where known, file
  std::string vectors;     ///< instructions of the element-wise passes (core/compute/vector_level.hpp)
  std::string
      slow_blas;  ///< a sentence if the BLAS is many times slower than this processor could be; else empty
};

Environment probe_environment();

/// What the user's environment says about the threads of BLAS libraries.
struct WantedThreads {
  std::string
      variable;  ///< OPENBLAS_NUM_THREADS, BLIS_NUM_THREADS, MKL_NUM_THREADS or OMP_NUM_THREADS, the first that is set
  std::string text;
  std::optional<long> count;  ///< empty: the text is no number of threads
};
std::optional<WantedThreads> threads_of_environment();

/// Processors that this process may use.
long available_cores();
/// Processors of this machine.
long machine_cores();

/// UTC now, ISO 8601: 2026-01-31T12:00:00Z.
std::string utc_now();

}  // namespace admmbench
