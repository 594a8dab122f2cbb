#include "tools/admmbench/commands/git_revision.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>

#include "core/io/child_process.hpp"

namespace admmbench {

namespace {

std::filesystem::path make_temporary_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "admmbench-revision-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error(name + ": cannot make this temporary folder");
  return name;
}

void extract_results(const std::string& commit, const std::filesystem::path& folder) {
  // git archive looks below the working folder only.
  const ChildResult top = run_child({"git", "rev-parse", "--show-toplevel"});
  if (top.status != 0) throw std::runtime_error(top.output);
  const std::string archive = (folder / "results.tar").string();
  const ChildResult git =
      run_child({"git", "-C", top.output, "archive", "-o", archive, commit, "--", ":(glob)results/**/*.csv"});
  if (git.status != 0) {
    throw std::runtime_error(
        fmt::format("revision {} has no CSV file under results/ ({})", commit.substr(0, 12), git.output));
  }
  const ChildResult tar = run_child({"tar", "-xf", archive, "-C", folder.string()});
  if (tar.status != 0) throw std::runtime_error(tar.output);
}

void remove_folder(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

}  // namespace

std::optional<std::string> commit_of(const std::string& name) {
  const ChildResult git =
      run_child({"git", "rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"});
  if (git.status != 0) return std::nullopt;
  return git.output;
}

RevisionFiles::RevisionFiles(const std::string& commit) : folder_(make_temporary_folder()) {
  try {
    extract_results(commit, folder_);
  } catch (...) {
    remove_folder(folder_);
    throw;
  }
}

RevisionFiles::~RevisionFiles() { remove_folder(folder_); }

}  // namespace admmbench
