#include "tools/admmbench/commands/report.hpp"

#include <fmt/format.h>

#include <memory>

#include "core/io/csv.hpp"
#include "core/program/installed_files.hpp"
#include "experiments/harness/config/yaml_tree.hpp"
#include "results/report/page.hpp"
#include "tools/admmbench/commands/result_set.hpp"

namespace admmbench {

namespace {

struct ReportCommand {
  std::vector<std::filesystem::path> results;
  std::filesystem::path out;
  std::filesystem::path timings;  ///< empty: what the suite ships
  std::string title;
  std::string metric;  ///< empty: what the experiments have
  ReportOptions options;
};

void write_report(ReportCommand& command) {
  if (!command.options.solution.empty() && !std::filesystem::is_regular_file(command.options.solution))
    config_error("--solution " + command.options.solution.string(), "", "there is no such file");
  ResultFiles files = read_result_files(command.results);
  require_column(files.runs, "--metric", command.metric);
  command.options.metric = command.metric.empty() ? default_metric(files.runs) : command.metric;
  const std::size_t runs = files.runs.size();
  const std::filesystem::path timings =
      command.timings.empty() ? installed_files() / "results/timings" : command.timings;
  const Report report = build_report(std::move(files.runs), load_published(published_folder()),
                                     load_timings(timings), command.options);
  std::string title = command.title;
  if (title.empty())
    title = report.experiments.size() == 1 ? report.experiments.front().name : "admmbench report";
  const std::string page = render_page(report, title, ADMMBENCH_VERSION);
  std::filesystem::create_directories(command.out);
  const std::filesystem::path path = command.out / "index.html";
  write_text_file(path, page);
  fmt::print("{}: {} runs, {:.1f} MB\n", path.string(), runs, static_cast<double>(page.size()) / 1e6);
  files.runs.clear();
  require_undamaged(files);
}

}  // namespace

void add_report_command(CLI::App& app) {
  auto command = std::make_shared<ReportCommand>();
  CLI::App* sub = app.add_subcommand("report", "results as one interactive page, without a network");
  sub->add_option("RESULTS", command->results, "result files, or folders of them")
      ->required()
      ->type_name("RESULTS");
  sub->add_option("-o,--out", command->out, "folder for index.html")->required()->type_name("DIR");
  sub->add_option("--metric", command->metric,
                  "trajectory column that is shown first [test_accuracy, else train_loss]");
  sub->add_option("--remaining", command->options.remaining,
                  "the shared target: this fraction of the way to the best value may be left")
      ->check(CLI::Range(0.001, 0.999))
      ->capture_default_str();
  sub->add_option(
         "--solution", command->options.solution,
         "HDF5 file with a known solution W1, b1, ...: the recorded iterates' distance to it is shown")
      ->type_name("FILE");
  sub->add_option("--timings", command->timings, "folder of timing histories (*.jsonl)")
      ->type_name("DIR")
      ->capture_default_str();
  sub->add_option("--title", command->title, "of the page; default: the experiment's name")
      ->type_name("TEXT");
  sub->footer("Example:\n  admmbench report results/runs/first-run -o build/report");
  sub->callback([command] { write_report(*command); });
}

}  // namespace admmbench
