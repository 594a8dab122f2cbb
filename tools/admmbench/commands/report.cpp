#include "tools/admmbench/commands/report.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <ctime>
#include <memory>
#include <thread>

#include "core/io/csv.hpp"
#include "core/io/sha256.hpp"
#include "core/program/installed_files.hpp"
#include "experiments/harness/config/yaml_tree.hpp"
#include "experiments/harness/run/interrupt.hpp"
#include "results/record/columns.hpp"
#include "results/record/run_file.hpp"
#include "results/report/page.hpp"
#include "tools/admmbench/commands/kept_result_files.hpp"

namespace admmbench {

namespace {

struct ReportCommand {
  std::vector<std::filesystem::path> results;
  std::filesystem::path out;
  std::filesystem::path timings;  ///< empty: what the suite ships
  std::string title;
  std::string metric;  ///< empty: what the experiments have
  ReportOptions options;
  bool follow = false;
  double every = 2;            ///< seconds between two looks at the results
  std::size_t until_runs = 0;  ///< 0: until Ctrl-C
};

struct WrittenPage {
  std::size_t runs = 0, damaged = 0;
};

/// `followed`: what a page that is written again says of itself.
WrittenPage write_page(const ReportCommand& command, ResultFiles files,
                       const std::optional<FollowedPage>& followed) {
  ReportOptions options = command.options;
  require_column(files.runs, "--metric", command.metric);
  options.metric = command.metric.empty() ? default_metric(files.runs) : command.metric;
  const WrittenPage written{files.runs.size(), files.damaged};
  const std::filesystem::path timings =
      command.timings.empty() ? installed_files() / "results/timings" : command.timings;
  Report report =
      build_report(std::move(files.runs), load_published(published_folder()), load_timings(timings), options);
  report.follow = followed;
  std::string title = command.title;
  if (title.empty())
    title = report.experiments.size() == 1 ? report.experiments.front().name : "admmbench report";
  const std::string page = render_page(report, title, ADMMBENCH_VERSION);
  std::filesystem::create_directories(command.out);
  const std::filesystem::path path = command.out / "index.html";
  write_text_file(path, page);
  fmt::print("{}: {} runs, {:.1f} MB\n", path.string(), written.runs, static_cast<double>(page.size()) / 1e6);
  std::fflush(stdout);
  return written;
}

// ---- following a run -------------------------------------------------------------------------------------------------

/// Names, sizes and times of all that the page is made of, in a few letters: another text, another page.
std::string files_state(const std::vector<std::filesystem::path>& roots) {
  std::string text;
  for (const auto& root : roots) {
    if (!std::filesystem::exists(root)) continue;  // the first run will make it
    std::vector<std::filesystem::path> files = find_runs({root});
    for (const auto& file : files) {
      std::error_code gone;  // replaced while we look: the next look sees what is there then
      text += fmt::format("{} {} {}\n", file.string(), std::filesystem::file_size(file, gone),
                          std::filesystem::last_write_time(file, gone).time_since_epoch().count());
    }
  }
  return sha256(text).substr(0, 16);
}

ResultFiles read_present(const std::vector<std::filesystem::path>& roots) {
  std::vector<std::filesystem::path> present;
  for (const auto& root : roots) {
    if (std::filesystem::exists(root)) present.push_back(root);
  }
  return read_any_result_files(present);
}

/// False if Ctrl-C came.
bool wait_for(double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (!interrupted() && Clock::now() < end)
    std::this_thread::sleep_for(
        std::min(std::chrono::duration<double>(0.1), std::chrono::duration<double>(seconds)));
  return !interrupted();
}

/// Writes the page whenever results have changed. The last one no longer looks for a newer one.
void follow_results(const ReportCommand& command) {
  catch_interrupts();
  const std::filesystem::path stamp_file = command.out / follow_file;
  std::string last;
  std::size_t runs = 0;
  bool ended = false;
  while (!ended) {
    const std::string state = files_state(command.results);
    if (state != last) {
      last = state;
      try {
        ResultFiles files = read_present(command.results);
        const std::time_t now = std::time(nullptr);
        std::tm day{};
        localtime_r(&now, &day);
        runs = write_page(command, std::move(files),
                          FollowedPage{command.every, state, fmt::format("{:%H:%M:%S}", day)})
                   .runs;
        write_text_file(stamp_file, fmt::format("followed(\"{}\");\n", state));
      } catch (const std::exception& error) {
        spdlog::warn("the page stays as it is: {}", error.what());
      }
    }
    ended = (command.until_runs > 0 && runs >= command.until_runs) || !wait_for(command.every);
  }
  std::size_t damaged = 0;
  if (runs > 0) damaged = write_page(command, read_present(command.results), std::nullopt).damaged;
  std::filesystem::remove(stamp_file);
  if (interrupted()) throw CLI::RuntimeError(130);
  require_undamaged(damaged);
}

void make_report(const ReportCommand& command) {
  if (!command.options.solution.empty() && !std::filesystem::is_regular_file(command.options.solution))
    config_error("--solution " + command.options.solution.string(), "", "there is no such file");
  if (command.follow) return follow_results(command);
  require_undamaged(write_page(command, read_runs_or_kept(command.results), std::nullopt).damaged);
}

}  // namespace

void add_report_command(CLI::App& app) {
  auto command = std::make_shared<ReportCommand>();
  CLI::App* sub = app.add_subcommand("report", "results as one interactive page, without a network");
  sub->add_option("RESULTS", command->results, "result files, kept summaries (CSV), or folders of them")
      ->required()
      ->type_name("RESULTS");
  sub->add_option("-o,--out", command->out, "folder for index.html")->required()->type_name("DIR");
  sub->add_option("--metric", command->metric,
                  "trajectory column that is shown first [test_accuracy, else train_loss]");
  sub->add_option("--remaining", command->options.remaining,
                  "the shared target: this fraction of the way to the best value may be left")
      ->check(CLI::Range(0.001, 0.999))
      ->capture_default_str();
  sub->add_option("--solution", command->options.solution,
                  "HDF5 file of W1, b1, ...: the recorded iterates' distance to it")
      ->type_name("FILE");
  sub->add_option("--timings", command->timings, "folder of timing histories (*.jsonl)")
      ->type_name("DIR")
      ->capture_default_str();
  sub->add_option("--title", command->title, "of the page; default: the experiment's name")
      ->type_name("TEXT");
  CLI::Option* follow =
      sub->add_flag("--follow", command->follow, "write it again as results come, until Ctrl-C");
  sub->add_option("--every", command->every, "seconds between two looks, with --follow")
      ->needs(follow)
      ->type_name("SECONDS")
      ->check(CLI::Range(0.05, 3600.0))
      ->capture_default_str();
  sub->add_option("--until-runs", command->until_runs, "end --follow when there are so many")
      ->needs(follow)
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000'000));
  sub->footer("Example:\n  admmbench report results/runs/first-run -o build/report --follow");
  sub->callback([command] { make_report(*command); });
}

}  // namespace admmbench
