#include "tools/admmbench/commands/scaling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/io/csv.hpp"
#include "core/program/installed_files.hpp"
#include "results/costs/scaling_page.hpp"
#include "results/costs/team_page.hpp"
#include "tools/admmbench/commands/message_timing.hpp"

namespace admmbench {

namespace {

namespace fs = std::filesystem;

struct ScalingArguments {
  std::string shape, part;
  fs::path calibration, save, figures, team;
  bool messages = false;
  long workers = 1;
  std::string network = "10GbE";
};

bool of_a_team(const std::string& part) {
  const std::vector<std::string> parts = team_parts();
  return std::find(parts.begin(), parts.end(), part) != parts.end();
}

std::vector<std::string> all_parts() {
  std::vector<std::string> parts = scaling_parts();
  for (const std::string& part : team_parts()) parts.push_back(part);
  return parts;
}

std::string table_of(const ScalingArguments& options, const Calibration& calibration,
                     const MachineModel& machine) {
  if (!of_a_team(options.part)) return scaling_part(options.part, calibration);
  const fs::path file = options.team.empty() ? installed_files() / "results/timings/team.json" : options.team;
  return team_part(options.part, read_team_timings(file), machine);
}

void scaling(const ScalingArguments& options) {
  if (options.messages) {
    fmt::print("{}", timed_messages());
    return;
  }
  if (options.shape.empty() && options.part.empty() && options.save.empty() && options.figures.empty())
    throw CLI::ValidationError("scaling",
                               "give a SHAPE, --markdown, --figures, --messages or --save-calibration");
  Calibration calibration = read_calibration(
      options.calibration.empty() ? installed_files() / "results/timings/scaling.json" : options.calibration);
  if (!options.save.empty()) {
    write_text_file(options.save, calibration_json(calibration));
    calibration =
        read_calibration(options.save);  // fewer digits, and what tables and figures have to follow from
  }
  const MachineModel machine = fit_machine(calibration.timings);
  if (!options.figures.empty()) {
    for (const ScalingFigure& figure : scaling_figures(machine))
      draw_figure(figure.panels, figure.options, options.figures / (figure.name + ".svg"));
  }
  if (!options.part.empty()) fmt::print("{}", table_of(options, calibration, machine));
  if (!options.shape.empty())
    fmt::print("{}", scaling_table(machine, parse_shape(options.shape), static_cast<double>(options.workers),
                                   parse_interconnect(options.network)));
}

/// What `parse` says against a text; nothing if it is content.
template <class Parse>
CLI::Validator parsed_by(Parse parse, const std::string& type) {
  return CLI::Validator(
      [parse](std::string& text) {
        try {
          static_cast<void>(parse(text));
        } catch (const std::invalid_argument& error) {
          return std::string(error.what());
        }
        return std::string();
      },
      type);
}

}  // namespace

void add_scaling_command(CLI::App& app) {
  const auto options = std::make_shared<ScalingArguments>();
  CLI::App* command = app.add_subcommand("scaling", "what an iteration would cost at any size, modelled");
  CLI::Option* shape = command
                           ->add_option("SHAPE", options->shape,
                                        "n_0-...-n_LxN[-batch-B]: a table of all methods at this shape "
                                        "[docs/measured/scaling.md]")
                           ->type_name("SHAPE")
                           ->check(parsed_by(parse_shape, ""));
  command
      ->add_option("--calibration", options->calibration,
                   "timings, as committed or as `admmbench bench --scaling` writes them "
                   "[results/timings/scaling.json]")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  command->add_option("--save-calibration", options->save, "also write the timings, compactly, to this file")
      ->type_name("FILE");
  command->add_option("--workers", options->workers, "of the table")
      ->type_name("W")
      ->check(CLI::Range(1L, 1000000L))
      ->needs(shape)
      ->capture_default_str();
  command
      ->add_option("--network", options->network, "10GbE, 100GbE, shared, or LATENCY,BANDWIDTH in s and B/s")
      ->type_name("NETWORK")
      ->check(parsed_by(parse_interconnect, ""))
      ->needs(shape)
      ->capture_default_str();
  command->add_option("--markdown", options->part, "a table of docs/measured/scaling.md")
      ->type_name("TABLE")
      ->check(CLI::IsMember(all_parts()).description(""))
      ->excludes(shape);
  command->add_option("--team", options->team, "for its tables of processes [results/timings/team.json]")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  command->add_option("--figures", options->figures, "draw that page's figures into this folder, by gnuplot")
      ->type_name("DIR")
      ->excludes(shape);
  command->add_flag("--messages", options->messages, "time messages between two processes of mpirun, as JSON")
      ->excludes(shape);
  command->footer(
      "Examples:\n  admmbench scaling 784-1000-1000-10x60000 --workers 3 --network 100GbE\n"
      "  admmbench scaling --markdown limits");
  command->callback([options] { scaling(*options); });
}

}  // namespace admmbench
