#pragma once
/// The files of examples/templates under names of the user's, written as a whole or not at all.

#include <filesystem>
#include <string>
#include <vector>

#include "tools/admmbench/commands/template_names.hpp"

namespace admmbench {

struct TemplateFile {
  std::filesystem::path path;  ///< in the repository
  std::string text;
};

/// All files below `from`, by path, with the placeholders of names and contents replaced. Throws std::runtime_error if there are none.
std::vector<TemplateFile> filled_templates(const std::filesystem::path& from, const TemplateNames& names);

/// Writes `files` into `folder`, which is created. Throws ConfigError if there is something in it already, std::runtime_error if it cannot
/// be written; nothing has changed then.
void write_repository(const std::filesystem::path& folder, const std::vector<TemplateFile>& files);

/// The first block of commands of the README among `files`, indented.
std::string commands_of_readme(const std::vector<TemplateFile>& files);

}  // namespace admmbench
