#include "experiments/harness/run/environment.hpp"

#include <dlfcn.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "core/compute/vector_level.hpp"

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

/// First line of what `command` prints; empty if it fails.
std::string first_line(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::array<char, 256> buffer{};
  if (!pipe || std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe.get()) == nullptr) return "";
  const std::string line = buffer.data();
  return line.substr(0, line.find('\n'));
}

std::string git_commit(const std::string& source_dir) {
  // An installation has no history: cmake --install writes down which commit it comes from.
  if (std::ifstream installed(std::filesystem::path(source_dir) / "commit"); installed) {
    std::string commit;
    installed >> commit;
    return commit.empty() ? "unknown" : commit;
  }
  std::string quoted = "'";
  for (const char c : source_dir) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  const std::string git = "git -C " + quoted + "' ";
  const std::string commit = first_line(git + "rev-parse HEAD 2>/dev/null");
  if (commit.empty()) return "unknown";
  return first_line(git + "status --porcelain --untracked-files=no 2>/dev/null").empty() ? commit
                                                                                         : commit + "-dirty";
}

/// The shared object (links resolved) in which `address` lies.
std::string library_of(const void* address) {
  Dl_info info{};
  if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) return "unknown";
  std::error_code ignored;
  const auto path = std::filesystem::canonical(info.dli_fname, ignored);
  return ignored ? info.dli_fname : path.string();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Whether the two files are one library: the same file, or Debian's libblas.so.3 of OpenBLAS, a front without the
/// library's own functions, beside the libopenblas that does the work.
bool same_library(const std::string& one, const std::string& other) {
  const auto folder = std::filesystem::path(one).parent_path();
  return one == other || (folder == std::filesystem::path(other).parent_path() &&
                          contains(folder.filename().string(), "openblas"));
}

/// The function `name`, if it is the library's of `file`: OpenBLAS may answer although another library does the work
/// (liblapack pulls it in).
template <class Function>
Function function_in(const char* name, const std::string& file) {
  void* symbol = dlsym(RTLD_DEFAULT, name);
  return symbol != nullptr && same_library(library_of(symbol), file) ? reinterpret_cast<Function>(symbol)
                                                                     : nullptr;
}

std::string blas_identity(bool& reference) {
  const std::string file = library_of(dlsym(RTLD_DEFAULT, "dgemm_"));  // the one that this program calls
  reference = false;
  if (const auto config = function_in<char* (*)()>("openblas_get_config", file)) {
    const auto core = function_in<char* (*)()>("openblas_get_corename", file);
    return fmt::format("{}, core {} ({})", config(), core == nullptr ? "unknown" : core(), file);
  }
  if (const auto version = function_in<const char* (*)()>("bli_info_get_version_str", file)) {
    return fmt::format("BLIS {} ({})", version(), file);
  }
  if (contains(file, "mkl")) return fmt::format("MKL ({})", file);
  // Debian keeps netlib's reference library in .../blas/libblas.so.3.
  reference = contains(file, "/blas/libblas.so") || contains(file, "refblas");
  return fmt::format("{} ({})", reference ? "reference BLAS" : "unknown BLAS", file);
}

}  // namespace

Environment probe_environment(const std::string& source_dir) {
  Environment result;
  std::array<char, 256> host{};
  result.host = gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "unknown";
  result.cpu = cpu_model();
  result.git_commit = git_commit(source_dir);
  result.blas = blas_identity(result.reference_blas);
  result.vectors = to_string(vector_level());
  return result;
}

long available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1L, sysconf(_SC_NPROCESSORS_ONLN));
}

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

}  // namespace admmbench
