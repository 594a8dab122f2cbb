#include "tools/admmbench/commands/check_page.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <sstream>

#include "core/io/csv.hpp"

namespace admmbench {

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

}  // namespace

void check_page(const std::string& page, const std::filesystem::path& file, const std::string& command,
                const std::string& says) {
  const std::string found = read_text_file(file);
  if (found == page) return;
  spdlog::error("{} is not what {}: {}; `{} -o {}` writes it anew", file.string(), says,
                first_difference(page, found), command, file.string());
  throw CLI::RuntimeError(exit_differs);
}

}  // namespace admmbench
