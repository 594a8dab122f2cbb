#include "core/compute/blas_kernels.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

namespace admmbench {

namespace {

constexpr const char* core_variable = "OPENBLAS_CORETYPE";

/// The shared object (links resolved) in which `address` lies.
std::string library_of(const void* address) {
  Dl_info info{};
  if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) return "unknown";
  std::error_code ignored;
  const auto path = std::filesystem::canonical(info.dli_fname, ignored);
  return ignored ? info.dli_fname : path.string();
}

/// Whether the two files are one library: the same file, or Debian's libblas.so.3 of OpenBLAS, a front without the
/// library's own functions, beside the libopenblas that does the work.
bool same_library(const std::string& one, const std::string& other) {
  const auto folder = std::filesystem::path(one).parent_path();
  return one == other || (folder == std::filesystem::path(other).parent_path() &&
                          folder.filename().string().find("openblas") != std::string::npos);
}

}  // namespace

std::string blas_file() { return library_of(dlsym(RTLD_DEFAULT, "dgemm_")); }

void* blas_function(const char* name) {
  void* symbol = dlsym(RTLD_DEFAULT, name);
  return symbol != nullptr && same_library(library_of(symbol), blas_file()) ? symbol : nullptr;
}

std::string blas_core() {
  const auto name = reinterpret_cast<char* (*)()>(blas_function("openblas_get_corename"));
  return name == nullptr ? "" : name();
}

std::string_view better_kernels(std::string_view core, VectorLevel level) {
  // Kernels without AVX, by the names that OpenBLAS prints.
  constexpr std::array<std::string_view, 17> old = {
      "Katmai",       "Coppermine",    "Northwood",  "Prescott", "Banias", "Atom",
      "Core2",        "Penryn",        "Dunnington", "Nehalem",  "Athlon", "Opteron",
      "Opteron_SSE3", "Opteron(SSE3)", "Barcelona",  "Bobcat",   "Nano"};
  if (level == VectorLevel::base || std::find(old.begin(), old.end(), core) == old.end()) return "";
  return level == VectorLevel::v4 ? "SkylakeX" : "Haswell";
}

void use_better_kernels(char** arguments) {
  if (std::getenv(core_variable) != nullptr) return;  // asked for, or this is the second start
  const VectorLevel level = has_vector_level(VectorLevel::v4)   ? VectorLevel::v4
                            : has_vector_level(VectorLevel::v3) ? VectorLevel::v3
                                                                : VectorLevel::base;
  const std::string kernels(better_kernels(blas_core(), level));
  if (kernels.empty()) return;
  setenv(core_variable, kernels.c_str(), 1);
  execv("/proc/self/exe", arguments);
  unsetenv(core_variable);  // it could not be started: on with what there is
}

}  // namespace admmbench
