#include "experiments/harness/run/environment.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "core/compute/blas_kernels.hpp"
#include "core/compute/vector_level.hpp"
#include "core/program/built_from.hpp"

namespace admmbench {

namespace {

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string blas_identity(std::string& slow) {
  const std::string file = blas_file();
  if (const auto config = reinterpret_cast<char* (*)()>(blas_function("openblas_get_config"))) {
    const std::string core = blas_core();
    if (const auto better = better_kernels(core, vector_level()); !better.empty()) {
      slow = fmt::format(
          "OpenBLAS computes with kernels for {}, without AVX; several times as fast with "
          "OPENBLAS_CORETYPE={} in the "
          "environment",
          core, better);
    }
    return fmt::format("{}, core {} ({})", config(), core.empty() ? "unknown" : core, file);
  }
  if (const auto version = reinterpret_cast<const char* (*)()>(blas_function("bli_info_get_version_str"))) {
    return fmt::format("BLIS {} ({})", version(), file);
  }
  if (contains(file, "mkl")) return fmt::format("MKL ({})", file);
  // Debian keeps netlib's reference library in .../blas/libblas.so.3.
  if (!contains(file, "/blas/libblas.so") && !contains(file, "refblas")) {
    return fmt::format("unknown BLAS ({})", file);
  }
  slow =
      "the BLAS in use is the slow reference implementation; install libopenblas0-pthread, or choose it with "
      "update-alternatives";
  return fmt::format("reference BLAS ({})", file);
}

}  // namespace

Environment probe_environment() {
  Environment result;
  std::array<char, 256> host{};
  result.host = gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "unknown";
  result.cpu = cpu_model();
  result.git_commit = std::string(built_from());
  result.blas = blas_identity(result.slow_blas);
  result.vectors = to_string(vector_level());
  return result;
}

std::optional<WantedThreads> threads_of_environment() {
  constexpr long most = 4096;
  for (const char* variable :
       {"OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"}) {
    const char* text = std::getenv(variable);
    if (text == nullptr || *text == '\0') continue;
    WantedThreads wanted{variable, text, {}};
    long count = 0;
    const char* end = text + std::strlen(text);
    const auto [rest, error] = std::from_chars(text, end, count);
    // OMP_NUM_THREADS has a number for every level of nesting, separated by commas.
    if (error == std::errc{} && (rest == end || *rest == ',') && count >= 1 && count <= most)
      wanted.count = count;
    return wanted;
  }
  return std::nullopt;
}

long available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return machine_cores();
}

long machine_cores() { return std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)); }

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

}  // namespace admmbench
