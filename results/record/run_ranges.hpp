#pragma once

#include <filesystem>
#include <string>

#include "results/record/run_record.hpp"

namespace admmbench {

bool is_control(char c);  ///< steers a terminal, or ends a line

/// What a method or a file said, as one line that steers nobody's terminal.
std::string plain_line(std::string text);

/// True if files may be called so and stay in their folder: one name, or several joined by '/', none of them "", "." or "..", without
/// control characters.
bool is_safe_name(const std::string& name);

/// `folder`/`name`. Throws std::runtime_error unless the name is safe, and one alone: whatever a result calls itself, nothing is written
/// outside the folder that the user named.
std::filesystem::path file_inside(const std::filesystem::path& folder, const std::string& name);

/// Throws std::runtime_error if what the record is called, as far as it is called anything, is not safe.
void check_names(const RunRecord& record);

/// Throws std::runtime_error, with the record's path, if a value is none that a run can have: an accuracy of 7.5, iterations that do
/// not ascend, a name that leads out of the folder of results.
void check_ranges(const RunRecord& record);

}  // namespace admmbench
