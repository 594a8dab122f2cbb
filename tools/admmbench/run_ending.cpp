#include "tools/admmbench/run_ending.hpp"

#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <set>
#include <utility>

#include "results/comparison/published.hpp"
#include "results/comparison/table.hpp"
#include "results/record/run_file.hpp"
#include "results/record/run_summary.hpp"
#include "tools/admmbench/commands/result_set.hpp"
#include "tools/admmbench/console.hpp"
#include "tools/admmbench/own_name.hpp"

namespace admmbench {

namespace {

std::vector<RunRecord> read_results(const Session& session) {
  std::vector<std::filesystem::path> paths;
  for (const Run& run : session.runs) {
    if (std::filesystem::exists(run.result)) paths.push_back(run.result);
  }
  const std::vector<std::string> wrong = examine_runs(paths);
  std::vector<RunRecord> runs;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (wrong[i].empty()) runs.push_back(summarize_run(read_examined_run(paths[i])));
  }
  return runs;
}

std::string table_text(const Session& session, const std::vector<RunRecord>& runs, std::size_t columns) {
  if (runs.size() < 2) return {};
  const Table table =
      make_table(runs, shown_metric(session.experiment, runs), load_published(published_folder()));
  return "\n" + to_terminal(table, columns);
}

/// One line of what to type next, its purpose behind it.
std::string command_line(const std::string& command, const std::string& purpose) {
  return fmt::format("  {} {:<46}  # {}\n", own_name(), command, purpose);
}

}  // namespace

std::string shown_metric(const Experiment& experiment, const std::vector<RunRecord>& runs) {
  return experiment.table.metric.empty() ? default_metric(runs) : experiment.table.metric;
}

std::string ending_table(const Session& session, std::size_t columns) {
  try {
    return table_text(session, read_results(session), columns);
  } catch (const std::exception& error) {
    // E.g. results of other settings beside these: the runs are made all the same.
    return fmt::format("\nno table: {}\n", error.what());
  }
}

std::string next_commands(const Session& session) {
  std::set<std::string> methods;
  for (const Run& run : session.runs) methods.insert(session.experiment.solvers[run.solver].label);
  const std::string shown = (session.out / session.experiment.name).string();
  const char* const word = shown.c_str();
  const std::string folder = shell_quoted(1, &word);
  std::string text = "next:\n";
  text += command_line("table " + folder, "beside published figures; LaTeX, CSV");
  if (methods.size() > 1) text += command_line("rank " + folder, "tests, ranks, costs to a target");
  text += command_line("figure " + folder + " --for neurips", "curves for a paper");
  text += command_line("report " + folder + " -o page", "everything as one page");
  return text;
}

}  // namespace admmbench
