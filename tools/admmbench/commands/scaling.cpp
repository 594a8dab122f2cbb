#include "tools/admmbench/commands/scaling.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "core/io/csv.hpp"
#include "core/program/installed_files.hpp"
#include "results/costs/scaling_page.hpp"
#include "tools/admmbench/commands/check_page.hpp"

namespace admmbench {

namespace {

namespace fs = std::filesystem;

struct Options {
  std::string shape;
  fs::path calibration, save, out, figures, check;
  long workers = 1;
  std::string network = "10GbE";
};

/// Where the figures are, seen from the page.
std::string figures_from_page(const Options& options) {
  if (options.out.empty() || options.figures.empty()) return "../results/figures/scaling";
  return fs::absolute(options.figures)
      .lexically_normal()
      .lexically_relative(fs::absolute(options.out).lexically_normal().parent_path())
      .generic_string();
}

void write_scaling_page(const Options& options, const Calibration& calibration) {
  const std::string page = scaling_page(calibration, figures_from_page(options));
  if (!options.check.empty()) {
    check_page(page, options.check, "admmbench scaling", "the calibration says");
    return;
  }
  if (!options.figures.empty()) {
    for (const ScalingFigure& figure : scaling_figures(fit_machine(calibration.timings)))
      draw_figure(figure.panels, figure.options, options.figures / (figure.name + ".svg"));
  }
  if (options.out.empty()) {
    fmt::print("{}", page);
    std::fflush(stdout);
  } else {
    if (options.out.has_parent_path()) fs::create_directories(options.out.parent_path());
    write_text_file(options.out, page);
  }
}

void scaling(const Options& options) {
  const Calibration calibration = read_calibration(
      options.calibration.empty() ? share_folder() / "results/timings/scaling.json" : options.calibration);
  if (!options.save.empty()) write_text_file(options.save, calibration_json(calibration));
  if (options.shape.empty()) {
    // What was saved has fewer digits, and is what the page has to follow from.
    write_scaling_page(options, options.save.empty() ? calibration : read_calibration(options.save));
    return;
  }
  fmt::print("{}", scaling_table(fit_machine(calibration.timings), parse_shape(options.shape),
                                 static_cast<double>(options.workers), parse_interconnect(options.network)));
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
  const auto options = std::make_shared<Options>();
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
  CLI::Option* out = command->add_option("-o,--out", options->out, "the page's file [standard output]")
                         ->type_name("FILE")
                         ->excludes(shape);
  command
      ->add_option("--figures", options->figures, "also draw the page's figures into this folder, by gnuplot")
      ->type_name("DIR")
      ->excludes(shape);
  command
      ->add_option("--check", options->check,
                   "exit code 4 if this file is not the page that would be written")
      ->type_name("FILE")
      ->check(CLI::ExistingFile)
      ->excludes(out)
      ->excludes(shape);
  command->footer(
      "Examples:\n  admmbench scaling 784-1000-1000-10x60000 --workers 3 --network 100GbE\n"
      "  admmbench scaling -o docs/measured/scaling.md --figures results/figures/scaling");
  command->callback([options] { scaling(*options); });
}

}  // namespace admmbench
