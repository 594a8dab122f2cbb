#pragma once
/// For commands that write a page of the documentation: is the page what they would write?

#include <filesystem>
#include <string>

namespace admmbench {

/// If `file` does not hold `page`, says where, and that `command` -o writes it anew, and throws CLI::RuntimeError with exit
/// code 4. `says`: what the page follows from, "the results say".
void check_page(const std::string& page, const std::filesystem::path& file, const std::string& command,
                const std::string& says);

}  // namespace admmbench
