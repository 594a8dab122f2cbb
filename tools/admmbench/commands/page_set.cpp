#include "tools/admmbench/commands/page_set.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <utility>

#include "core/io/csv.hpp"
#include "core/io/temporary.hpp"

namespace admmbench {

namespace fs = std::filesystem;

namespace {

constexpr int exit_differs = 4;  // as `compare`: not an error, but not what it was

/// The first line that differs, for people.
std::string first_difference(const std::string& expected, const std::string& found) {
  std::istringstream a(expected), b(found);
  std::string left, right;
  for (std::size_t line = 1;; ++line) {
    const bool more_a = static_cast<bool>(std::getline(a, left));
    const bool more_b = static_cast<bool>(std::getline(b, right));
    if (!more_a && !more_b) return "line endings differ";
    if (more_a != more_b || left != right) {
      return fmt::format("line {}: '{}', now '{}'", line, more_b ? right : "", more_a ? left : "");
    }
  }
}

/// Every file of the set and its text, the overview last: it links to the others.
std::vector<std::pair<fs::path, std::string>> files_of(const PageSet& set) {
  std::vector<std::pair<fs::path, std::string>> files;
  for (const auto& [name, text] : set.pages) files.emplace_back(set.folder / name, text);
  files.emplace_back(set.overview, set.overview_text);
  return files;
}

[[noreturn]] void differs(const fs::path& file, const std::string& what, const PageSet& set,
                          const std::string& command) {
  spdlog::error("{} {}; `{} -o {}` writes it anew", file.string(), what, command, set.overview.string());
  throw CLI::RuntimeError(exit_differs);
}

}  // namespace

std::vector<fs::path> stale_pages(const PageSet& set) {
  std::vector<fs::path> stale;
  if (!fs::is_directory(set.folder)) return stale;
  for (const auto& entry : fs::directory_iterator(set.folder)) {
    const fs::path& file = entry.path();
    if (!entry.is_regular_file() || file.extension() != ".md") continue;
    if (!set.pages.contains(file.filename().string()) && set.is_ours(read_text_file(file)))
      stale.push_back(file);
  }
  std::sort(stale.begin(), stale.end());
  return stale;
}

void write_pages(const PageSet& set) {
  if (set.overview.has_parent_path()) fs::create_directories(set.overview.parent_path());
  const std::vector<fs::path> stale = stale_pages(set);
  const auto files = files_of(set);
  const bool fresh = !fs::exists(set.folder);
  const Temporary staging(set.folder, Temporary::Kind::folder);  // on the same file system
  for (const auto& [file, text] : files) write_text_file(staging.path() / file.filename(), text);
  try {
    fs::create_directories(set.folder);
    for (const auto& [file, text] : files) {
      if (fs::is_directory(file))
        throw std::runtime_error(file.string() + " is a folder: no page can be written there");
    }
    for (const auto& [file, text] : files) fs::rename(staging.path() / file.filename(), file);
  } catch (...) {
    std::error_code ignored;
    if (fresh) fs::remove(set.folder, ignored);  // only if nothing came to be in it
    throw;
  }
  for (const fs::path& file : stale) fs::remove(file);
}

void check_pages(const PageSet& set, const std::string& command, const std::string& says) {
  for (const auto& [file, text] : files_of(set)) {
    if (!fs::exists(file)) differs(file, "is missing", set, command);
    const std::string found = read_text_file(file);
    if (found != text)
      differs(file, fmt::format("is not what {}: {}", says, first_difference(text, found)), set, command);
  }
  for (const fs::path& file : stale_pages(set)) differs(file, "is about a claim that is gone", set, command);
}

}  // namespace admmbench
