#include "tools/admmbench/commands/merge.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "experiments/harness/merge.hpp"

namespace admmbench {

namespace {

constexpr int exit_attention = 4;  // as `verify`: no error, but somebody has to look

struct MergeOptions {
  std::vector<std::filesystem::path> from;
  std::filesystem::path into;
  bool dry_run = false;
};

std::vector<MergedFile> merged(const MergeOptions& options) {
  try {
    return merge_results(options.from, options.into, options.dry_run);
  } catch (const std::invalid_argument& error) {
    throw CLI::ValidationError("--into", error.what());
  }
}

/// "conflict    into/seed-0.h5: differs in iterations: 5 and 6 (from/seed-0.h5)"
void print_line(const MergedFile& file) {
  constexpr std::size_t widest = 10;
  if (file.what.empty()) {
    spdlog::debug("{}: {}", to_string(file.kind), file.from.string());
  } else if (file.into.empty()) {
    fmt::print("{:<{}}  {}: {}\n", to_string(file.kind), widest, file.from.string(), file.what);
  } else {
    fmt::print("{:<{}}  {} and {}: {}\n", to_string(file.kind), widest, file.into.string(),
               file.from.string(), file.what);
  }
}

void merge(const MergeOptions& options) {
  std::map<MergedFile::Kind, std::size_t> counts;
  bool attention = false;
  for (const MergedFile& file : merged(options)) {
    print_line(file);
    ++counts[file.kind];
    attention = attention || needs_attention(file.kind);
  }
  std::string summary;
  for (const auto& [kind, count] : counts)
    summary += fmt::format("{}{} {}", summary.empty() ? "" : ", ", count, to_string(kind));
  fmt::print("{}{} into {}\n", options.dry_run ? "would be: " : "", summary, options.into.string());
  std::fflush(stdout);
  if (attention) throw CLI::RuntimeError(exit_attention);
}

}  // namespace

void add_merge_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("merge", "bring results of several folders into one");
  const auto options = std::make_shared<MergeOptions>();
  command->add_option("FROM", options->from, "folders of results, or result files")
      ->required()
      ->type_name("FROM");
  command->add_option("--into", options->into, "folder that gets them, as --out of run")
      ->required()
      ->type_name("DIR");
  command->add_flag("--dry-run", options->dry_run, "say what would be done, and do nothing");
  command->footer(
      "A result is copied if its place is free or holds less (interrupted, failed,\n"
      "damaged). Lines name what is kept, replaced, made with other bits, or in\n"
      "conflict: of the same names, but other settings, data or code. Exit code 4 if\n"
      "there is a conflict, a damaged file or a run at work, else 0.\n"
      "Example:\n  admmbench merge hostA/runs hostB/runs --into results/runs");
  command->callback([options] { merge(*options); });
}

}  // namespace admmbench
