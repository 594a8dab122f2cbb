#include "results/report/gnuplot.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/io/child_process.hpp"
#include "core/io/csv.hpp"
#include "core/io/temporary.hpp"

namespace admmbench {

namespace {

constexpr double points_per_inch = 72;
constexpr double pixels_per_inch = 96;  // of CSS, and what gnuplot's Cairo terminals take their points for

}  // namespace

std::string gnuplot_quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("''") : std::string(1, c == '\n' ? ' ' : c);
  return result + "'";
}

std::string gnuplot_number(double value) {
  return std::isfinite(value) ? fmt::format("{:.7g}", value) : "NaN";
}

std::string gnuplot_terminal(const std::filesystem::path& file, double width, double height,
                             const std::string& font, double points, double dots_per_inch) {
  const std::string ending = file.extension().string();
  if (ending == ".svg") {
    return fmt::format(
        "set terminal svg size {:.0f},{:.0f} dynamic font {} linewidth {:.4f} background rgb 'white'\n",
        width * pixels_per_inch, height * pixels_per_inch,
        gnuplot_quoted(fmt::format("{},{:.4g}", font, points * pixels_per_inch / points_per_inch)),
        pixels_per_inch / points_per_inch);
  }
  const std::string named = gnuplot_quoted(fmt::format("{},{:.4g}", font, points));
  if (ending == ".pdf") {
    return fmt::format("set terminal pdfcairo size {:.4f}in,{:.4f}in font {} fontscale {:.4f} linewidth 2\n",
                       width, height, named, points_per_inch / pixels_per_inch);
  }
  if (ending == ".png") {
    return fmt::format(
        "set terminal pngcairo size {:.0f},{:.0f} font {} fontscale {:.4f} linewidth {:.4f} pointscale "
        "{:.4f}\n",
        width * dots_per_inch, height * dots_per_inch, named, dots_per_inch / pixels_per_inch,
        dots_per_inch / points_per_inch, dots_per_inch / pixels_per_inch);
  }
  throw std::invalid_argument(
      fmt::format("{}: the name of a figure ends in .svg, .pdf or .png", file.string()));
}

void run_gnuplot(const std::filesystem::path& file,
                 const std::function<std::string(const std::filesystem::path&)>& script) {
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
  // gnuplot takes the kind of picture from the extension.
  const Temporary work(file, Temporary::Kind::folder);
  const std::filesystem::path picture = work.path() / ("picture" + file.extension().string());
  const std::filesystem::path commands = work.path() / "script.gp";
  write_text_file(commands, script(picture));

  // -d: settings that the user made for other figures stay out of this one. The name is no option.
  const ChildResult gnuplot = run_child({"gnuplot", "-d", std::filesystem::absolute(commands).string()});
  if (gnuplot.status == 127)
    throw std::runtime_error(fmt::format(
        "gnuplot could not be started ({}); it is in Debian's package gnuplot-nox", gnuplot.output));
  if (gnuplot.status != 0 || !std::filesystem::exists(picture))
    throw std::runtime_error(fmt::format("{}: gnuplot failed: {}", file.string(), gnuplot.output));
  std::filesystem::rename(picture, file);
}

}  // namespace admmbench
