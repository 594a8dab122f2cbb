#include "core/program/installed_files.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/program/build_facts.hpp"

namespace admmbench {
namespace fs = std::filesystem;
namespace {

bool has_installed_files(const fs::path& folder) {
  return fs::is_regular_file(folder / "datasets" / "registry.yaml");
}

}  // namespace

fs::path installed_files() {
  if (const char* given = std::getenv("ADMMBENCH_SHARE"); given != nullptr && *given != '\0') {
    if (has_installed_files(given)) return fs::canonical(given);
    throw std::runtime_error(fmt::format(
        "ADMMBENCH_SHARE={}: there is no datasets/registry.yaml in it; allowed: the share/admmbench of an "
        "installation, or a source tree",
        given));
  }
  std::vector<fs::path> candidates;
  std::error_code no_proc;
  const fs::path program = fs::read_symlink("/proc/self/exe", no_proc);
  if (!no_proc) candidates.push_back(program.parent_path().parent_path() / "share" / "admmbench");
  if (const auto built_against = build_facts().share; !built_against.empty())
    candidates.emplace_back(built_against);
  std::string tried;
  for (const fs::path& candidate : candidates) {
    if (has_installed_files(candidate)) return fs::canonical(candidate);
    tried += (tried.empty() ? "" : ", ") + candidate.string();
  }
  throw std::runtime_error(fmt::format(
      "the suite's experiments and data-set registry are not there (looked for {}): install again, or set "
      "ADMMBENCH_SHARE to the share/admmbench of an installation or to a source tree",
      tried));
}

}  // namespace admmbench
