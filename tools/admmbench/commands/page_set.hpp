#pragma once
/// An overview and the pages that it links to, in a folder beside it: written whole or not at all, or held against what is there.

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace admmbench {

struct PageSet {
  std::filesystem::path overview;
  std::string overview_text;
  std::filesystem::path folder;
  std::map<std::string, std::string> pages;  ///< by file name, in `folder`
  /// Whether the text of a file in `folder` is a page of such a set: one that is not in `pages` any more is removed, and
  /// everything else is somebody else's.
  std::function<bool(const std::string& text)> is_ours;
};

/// Pages in the folder that belong to the set no more.
std::vector<std::filesystem::path> stale_pages(const PageSet& set);

/// Writes all files under other names first, so that a failure leaves what was there, then puts them in place and removes stale ones.
/// Throws std::runtime_error naming a file.
void write_pages(const PageSet& set);

/// If a file does not hold its page, is missing, or is stale, says where, and that `command` -o writes them anew, and throws
/// CLI::RuntimeError with exit code 4. `says`: what the pages follow from, "the results say".
void check_pages(const PageSet& set, const std::string& command, const std::string& says);

}  // namespace admmbench
