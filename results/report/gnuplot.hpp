#pragma once
/// Running gnuplot, for all static figures.

#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>

namespace admmbench {

/// What was asked for cannot be drawn, and what would do instead: a mistake of whoever asked.
class FigureError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `text` as a string of gnuplot's that means nothing but itself; a line break is a space.
std::string gnuplot_quoted(const std::string& text);

/// gnuplot's own missing value where `value` is not finite.
std::string gnuplot_number(double value);

/// The line `set terminal ...` of a picture `width` by `height` inch whose type has `points` points and whose line widths are points;
/// the ending of `file` (.svg, .pdf, .png) decides. Fonts are embedded in a PDF. Throws std::invalid_argument for another ending.
std::string gnuplot_terminal(const std::filesystem::path& file, double width, double height,
                             const std::string& font, double points, double dots_per_inch);

/// Runs the script that `script` makes for the name of the picture that is to be written; `file` is that picture, whole or not at
/// all. Throws std::runtime_error if gnuplot is missing or fails.
void run_gnuplot(const std::filesystem::path& file,
                 const std::function<std::string(const std::filesystem::path&)>& script);

}  // namespace admmbench
