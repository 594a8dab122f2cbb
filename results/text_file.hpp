#pragma once
/// Text files, written whole or not at all.

#include <filesystem>
#include <string>

namespace admmbench {

/// Writes `text` under a temporary name in the same folder, then renames. Throws std::runtime_error naming the file.
void write_text_file(const std::filesystem::path& path, const std::string& text);

/// The whole file; throws std::runtime_error naming it.
std::string read_text_file(const std::filesystem::path& path);

/// `text` as a field of a CSV file: in quotes if it needs them.
std::string csv_field(const std::string& text);

}  // namespace admmbench
