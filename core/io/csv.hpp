#pragma once
/// Text files, written whole or not at all.

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace admmbench {

/// Writes `text` under a temporary name in the same folder, then renames. What exists and is no regular file (a pipe, a device,
/// /dev/stdout) is written in place; a symbolic link stays, and its target gets the text. Throws std::runtime_error naming the file.
void write_text_file(const std::filesystem::path& path, const std::string& text);

/// The same for text too large to hold: `write` is given the stream.
void write_text_file(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write);

/// The whole file; throws std::runtime_error naming it.
std::string read_text_file(const std::filesystem::path& path);

/// `text` as a field of a CSV file: in quotes if it needs them.
std::string csv_field(const std::string& text);

/// The fields of CSV text, line by line; empty lines are left out. Throws std::runtime_error, naming `source` and line, for
/// a line that has not as many fields as the first, or an open quotation mark.
std::vector<std::vector<std::string>> parse_csv(const std::string& text, const std::string& source);

}  // namespace admmbench
