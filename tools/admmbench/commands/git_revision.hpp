#pragma once
/// Results that a revision of a git repository holds: the CSV files under its results/.

#include <filesystem>
#include <optional>
#include <string>

namespace admmbench {

/// The full hash of the commit that `name` means in the repository around the working folder (a branch, a tag, main~3, a
/// hash); empty if there is no repository, or it knows no such revision.
std::optional<std::string> commit_of(const std::string& name);

/// Every CSV file under results/ of a commit, in a temporary folder that goes with the object.
class RevisionFiles {
 public:
  /// Throws std::runtime_error if there is none.
  explicit RevisionFiles(const std::string& commit);
  ~RevisionFiles();
  RevisionFiles(const RevisionFiles&) = delete;
  RevisionFiles& operator=(const RevisionFiles&) = delete;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace admmbench
