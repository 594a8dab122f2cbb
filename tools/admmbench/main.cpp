/// The command line. Exit codes: see tools/admmbench/help.cpp.

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>

#include "core/compute/blas_kernels.hpp"
#include "datasets/dataset.hpp"
#include "experiments/harness/config/yaml_tree.hpp"
#include "experiments/harness/run/memory.hpp"
#include "tools/admmbench/commands/bench.hpp"
#include "tools/admmbench/commands/check_claim.hpp"
#include "tools/admmbench/commands/claims.hpp"
#include "tools/admmbench/commands/compare.hpp"
#include "tools/admmbench/commands/completion.hpp"
#include "tools/admmbench/commands/data.hpp"
#include "tools/admmbench/commands/describe.hpp"
#include "tools/admmbench/commands/export.hpp"
#include "tools/admmbench/commands/figure.hpp"
#include "tools/admmbench/commands/import.hpp"
#include "tools/admmbench/commands/list.hpp"
#include "tools/admmbench/commands/merge.hpp"
#include "tools/admmbench/commands/new.hpp"
#include "tools/admmbench/commands/plan.hpp"
#include "tools/admmbench/commands/plot.hpp"
#include "tools/admmbench/commands/rank.hpp"
#include "tools/admmbench/commands/rates.hpp"
#include "tools/admmbench/commands/report.hpp"
#include "tools/admmbench/commands/rerun.hpp"
#include "tools/admmbench/commands/run.hpp"
#include "tools/admmbench/commands/scaling.hpp"
#include "tools/admmbench/commands/table.hpp"
#include "tools/admmbench/commands/validate.hpp"
#include "tools/admmbench/commands/verify.hpp"
#include "tools/admmbench/console.hpp"
#include "tools/admmbench/help.hpp"
#include "tools/admmbench/mistyped.hpp"
#include "tools/admmbench/own_name.hpp"

namespace {

using namespace admmbench;

int fail(int code, const char* what) {
  std::fflush(stdout);
  spdlog::error("{}", what);
  return code;
}

int fail(const ConfigError& error) {
  std::fflush(stdout);
  for (const ConfigProblem& problem : error.problems()) spdlog::error("{}", problem.text());
  return 2;
}

void add_commands(CLI::App& app, const Console& console) {
  const auto group = [&](const std::string& name, auto&&... add) {
    const std::size_t before = app.get_subcommands(nullptr).size();
    (add(), ...);
    const auto commands = app.get_subcommands(nullptr);
    for (std::size_t i = before; i < commands.size(); ++i) {
      if (commands[i]->get_group() == "Subcommands") commands[i]->group(name);
    }
  };
  group(
      "Experiments", [&] { add_run_command(app, console); }, [&] { add_plan_command(app, console); },
      [&] { add_validate_command(app, console); });
  group(
      "Results", [&] { add_table_command(app); }, [&] { add_report_command(app); },
      [&] { add_plot_command(app); }, [&] { add_figure_command(app); }, [&] { add_rank_command(app); },
      [&] { add_rates_command(app); }, [&] { add_compare_command(app); }, [&] { add_export_command(app); },
      [&] { add_import_command(app); }, [&] { add_claims_command(app); },
      [&] { add_check_claim_command(app, console); }, [&] { add_rerun_command(app); });
  group(
      "Catalogue", [&] { add_list_command(app); }, [&] { add_describe_command(app); },
      [&] { add_data_command(app); });
  group(
      "Tools", [&] { add_new_command(app); }, [&] { add_bench_command(app); },
      [&] { add_scaling_command(app); }, [&] { add_verify_command(app); }, [&] { add_merge_command(app); },
      [&] { add_schema_command(app); }, [&] { add_completion_commands(app); });
  CLI::App* manual = app.add_subcommand("man", "print the man page")->group("");
  manual->callback([&app] { fmt::print("{}", manual_page(app, ADMMBENCH_VERSION)); });
}

/// Of a program of the user's own, also what it was built with.
std::string version_text() {
  const std::string suite = "admmbench " ADMMBENCH_VERSION;
  return own_name() == "admmbench" ? suite : fmt::format("{} (with {})", own_name(), suite);
}

/// Does what the command line asks for; the exit code.
int answer(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::RuntimeError& status) {  // a command's own exit code
    return status.get_exit_code();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const ConfigError& error) {
    return fail(error);
  } catch (const DataUnavailable& error) {
    return fail(3, error.what());
  } catch (const DataError& error) {
    return fail(3, error.what());
  } catch (const std::exception& error) {
    return fail(1, error.what());
  }
  return 0;
}

/// A table on a disk that was full is no table: `code`, unless it hides that standard output lacks something.
int printed(int code) {
  std::cout.flush();
  const bool whole = std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout;
  if (whole || code != 0) return code;
  return fail(1, "standard output cannot be written");
}

}  // namespace

int main(int argc, char** argv) {
  use_better_kernels(argv);
  give_back_large_blocks();
  Console console;
  start_logging(console);  // for what goes wrong before the options are known
  console.command_line = shell_quoted(argc, argv);
  CLI::App app("Benchmarks of ADMM and alternating minimisation in neural-network training.", "admmbench");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("-h,--help", "show the help of the program or of a command");
  app.set_version_flag("--version", version_text(), "show the version");
  app.require_subcommand(1);
  add_console_options(app, console);
  app.failure_message([](const CLI::App* program, const CLI::Error& error) {
    return fmt::format(
        "{}: error: {}\n{}", own_name(), mistake_text(*program, error),
        in_own_name("admmbench --help shows the commands, admmbench COMMAND --help their options.\n"));
  });
  add_commands(app, console);
  // After the commands, which would inherit it.
  app.footer("Example: admmbench run first-run; admmbench table results/runs/first-run");
  app.parse_complete_callback([&] { start_logging(console); });

  return printed(answer(app, argc, argv));
}
