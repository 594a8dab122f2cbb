/// The command line. Exit codes: 0 all is well, 1 a run failed or another error at run time, 2 wrong usage or
/// configuration, 3 data not to be had or damaged, 4 compare found something worse, 130 interrupted.

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "datasets/dataset.hpp"
#include "experiments/harness/config_value.hpp"
#include "tools/commands/compare.hpp"
#include "tools/commands/data.hpp"
#include "tools/commands/describe.hpp"
#include "tools/commands/export.hpp"
#include "tools/commands/list.hpp"
#include "tools/commands/plan.hpp"
#include "tools/commands/plot.hpp"
#include "tools/commands/rates.hpp"
#include "tools/commands/report.hpp"
#include "tools/commands/run.hpp"
#include "tools/commands/table.hpp"

namespace {

int fail(int code, const char* what) {
  std::fflush(stdout);
  fmt::print(stderr, "admmbench: error: {}\n", what);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  // Messages belong on stderr: stdout is for what a command was asked for.
  spdlog::set_default_logger(spdlog::stderr_color_mt("admmbench"));
  spdlog::set_pattern("admmbench: %v");
  CLI::App app("Benchmarks of ADMM and alternating minimisation in neural-network training.", "admmbench");
  app.set_version_flag("--version", "admmbench " ADMMBENCH_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 all is well; 1 a run failed, or another error at run time; 2 wrong usage or "
      "configuration;\n"
      "3 data not to be had or damaged; 4 compare found something worse; 130 interrupted.");
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return fmt::format(
        "admmbench: error: {}\nadmmbench --help shows the commands, admmbench COMMAND --help their "
        "options.\n",
        error.what());
  });
  admmbench::add_run_command(app);
  admmbench::add_plan_command(app);
  admmbench::add_list_command(app);
  admmbench::add_describe_command(app);
  admmbench::add_data_command(app);
  admmbench::add_table_command(app);
  admmbench::add_rates_command(app);
  admmbench::add_compare_command(app);
  admmbench::add_export_command(app);
  admmbench::add_report_command(app);
  admmbench::add_plot_command(app);

  try {
    app.parse(argc, argv);
  } catch (const CLI::RuntimeError& status) {  // a command's own exit code
    return status.get_exit_code();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const admmbench::ConfigError& error) {
    return fail(2, error.what());
  } catch (const admmbench::DataUnavailable& error) {
    return fail(3, error.what());
  } catch (const admmbench::DataError& error) {
    return fail(3, error.what());
  } catch (const std::exception& error) {
    return fail(1, error.what());
  }
  return 0;
}
