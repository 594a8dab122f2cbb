#include "tools/admmbench/commands/verify.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <memory>

#include "results/record/verify_tree.hpp"

namespace admmbench {

namespace {

constexpr int exit_found = 4;  // as `compare`: not an error, but not what it should be

void verify(const std::vector<std::filesystem::path>& roots) {
  const TreeReport report = verify_tree(roots);
  std::map<TreeFinding::Kind, std::size_t> counts;
  for (const TreeFinding& finding : report.findings) {
    fmt::print("{:<10}  {}: {}\n", to_string(finding.kind), finding.where.string(), finding.what);
    ++counts[finding.kind];
  }
  std::string summary;
  for (const auto& [kind, count] : counts) summary += fmt::format(", {} {}", count, to_string(kind));
  fmt::print("{} result files are whole{}\n", report.results, summary.empty() ? ", nothing found" : summary);
  std::fflush(stdout);
  if (!report.findings.empty()) throw CLI::RuntimeError(exit_found);
}

}  // namespace

void add_verify_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("verify", "look for damage, gaps and leftovers in results");
  const auto roots = std::make_shared<std::vector<std::filesystem::path>>();
  command->add_option("RESULTS", *roots, "result files, or folders of them")
      ->required()
      ->type_name("RESULTS");
  command->footer(
      "A line for each finding: damaged, misplaced, mixed (settings, code or data\n"
      "differ within a method), missing (seeds), incomplete, leftover. Exit code 4 if\n"
      "there is one, else 0.\nExample:\n  admmbench verify results/runs");
  command->callback([roots] { verify(*roots); });
}

}  // namespace admmbench
