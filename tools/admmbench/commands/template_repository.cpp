#include "tools/admmbench/commands/template_repository.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "core/io/temporary.hpp"
#include "experiments/harness/config/yaml_tree.hpp"

namespace admmbench {

namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw std::runtime_error(fmt::format("{} cannot be read", file.string()));
  return text;
}

[[noreturn]] void cannot_make(const fs::path& folder, const std::string& why) {
  throw std::runtime_error(fmt::format("{} cannot be written: {}", folder.string(), why));
}

/// True if `folder` is there, and empty.
bool is_there_and_empty(const fs::path& folder) {
  if (fs::symlink_status(folder).type() == fs::file_type::not_found) return false;
  if (!fs::is_directory(folder))
    config_error("new", folder.string(),
                 "there is a file of that name; allowed: a new or an empty folder, -o DIR");
  if (!fs::is_empty(folder)) {
    config_error(
        "new", folder.string(),
        "the folder is there already, and something is in it; allowed: a new or an empty one, -o DIR");
  }
  return true;
}

void write_file(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw fs::filesystem_error("write", file, std::error_code(errno, std::generic_category()));
}

/// Into a folder that may be somebody's working directory, so that it must stay what it is.
void move_into(const fs::path& from, const fs::path& folder) {
  std::vector<fs::path> moved;
  try {
    for (const auto& entry : fs::directory_iterator(from)) {
      fs::rename(entry.path(), folder / entry.path().filename());
      moved.push_back(folder / entry.path().filename());
    }
  } catch (const fs::filesystem_error&) {
    std::error_code ignored;
    for (const fs::path& path : moved) fs::remove_all(path, ignored);
    throw;
  }
}

}  // namespace

std::vector<TemplateFile> filled_templates(const fs::path& from, const TemplateNames& names) {
  std::vector<TemplateFile> files;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(from, error)) {
    const fs::path path = fs::relative(entry.path(), from);
    if (!entry.is_regular_file() || path.string().find("__pycache__") != std::string::npos) continue;
    files.push_back({filled(path.string(), names), filled(content_of(entry.path()), names)});
  }
  if (error || files.empty()) {
    throw std::runtime_error(
        fmt::format("the templates are not there (looked for {}): install the suite again", from.string()));
  }
  std::sort(files.begin(), files.end(),
            [](const TemplateFile& a, const TemplateFile& b) { return a.path < b.path; });
  return files;
}

void write_repository(const fs::path& folder, const std::vector<TemplateFile>& files) {
  try {
    const bool into_it = is_there_and_empty(folder);
    const fs::path target = fs::absolute(into_it ? fs::canonical(folder) : folder).lexically_normal();
    const fs::path place = target.filename().empty() ? target.parent_path() : target;  // DIR/ is DIR
    if (!fs::is_directory(place.parent_path())) cannot_make(folder, "the folder it would be in is not there");
    const Temporary temporary(place, Temporary::Kind::folder);
    for (const TemplateFile& file : files) write_file(temporary.path() / file.path, file.text);
    if (into_it) {
      move_into(temporary.path(), place);
    } else {
      fs::rename(temporary.path(), place);
    }
  } catch (const fs::filesystem_error& error) {
    cannot_make(folder, error.code().message());
  }
}

std::string commands_of_readme(const std::vector<TemplateFile>& files) {
  const auto readme = std::find_if(files.begin(), files.end(),
                                   [](const TemplateFile& file) { return file.path == "README.md"; });
  if (readme == files.end()) return {};
  std::string commands;
  std::istringstream lines(readme->text);
  int fences = 0;
  for (std::string line; fences < 2 && std::getline(lines, line);) {
    if (line.starts_with("```")) {
      ++fences;
    } else if (fences == 1) {
      commands += "  " + line + "\n";
    }
  }
  return commands;
}

}  // namespace admmbench
