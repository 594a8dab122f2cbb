#include "results/comparison/latex_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <numeric>

namespace admmbench {

namespace {

constexpr double points_per_inch = 72.27;
constexpr double column_gap = 6;  ///< points between two columns: twice the \tabcolsep that is set below

/// The heading and lines of some of the columns.
struct Block {
  std::vector<std::size_t> columns;  ///< of the grid, the first of all among them
};

/// `groups` cut into blocks of `at_most` groups each, as even as possible.
std::vector<Block> blocks_of(const std::vector<std::size_t>& groups, std::size_t at_most) {
  const std::size_t count = (groups.size() + at_most - 1) / at_most;
  std::vector<Block> blocks(count);
  std::size_t column = 1;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    Block& block = blocks[g * count / groups.size()];
    if (block.columns.empty()) block.columns.push_back(0);
    for (std::size_t i = 0; i < groups[g]; ++i) block.columns.push_back(column++);
  }
  return blocks;
}

/// Points that the blocks take below one another: each column is as wide as its widest cell of any block.
double width_of(const LatexGrid& grid, const std::vector<Block>& blocks) {
  std::vector<double> widths;
  for (const Block& block : blocks) {
    widths.resize(std::max(widths.size(), block.columns.size()));
    for (std::size_t j = 0; j < block.columns.size(); ++j) {
      for (const auto& line : grid) widths[j] = std::max(widths[j], latex_width(line[block.columns[j]]));
    }
  }
  return std::accumulate(widths.begin(), widths.end(), 0.0) +
         column_gap * static_cast<double>(widths.size() - 1);
}

std::string line_of(const std::vector<std::string>& cells, const Block& block) {
  std::vector<std::string> chosen;
  for (const std::size_t column : block.columns) chosen.push_back(cells[column]);
  return fmt::format("{} \\\\\n", fmt::join(chosen, " & "));
}

}  // namespace

std::string latex_tabular(const LatexGrid& grid) {
  std::string text =
      fmt::format("\\begin{{tabular}}{{l{}}}\n\\toprule\n", std::string(grid.front().size() - 1, 'r'));
  for (std::size_t i = 0; i < grid.size(); ++i)
    text += fmt::format("{} \\\\\n{}", fmt::join(grid[i], " & "), i == 0 ? "\\midrule\n" : "");
  return text + "\\bottomrule\n\\end{tabular}\n";
}

std::string latex_tabular(const LatexGrid& grid, const std::vector<std::size_t>& groups, double width) {
  const double points = width * points_per_inch;
  std::size_t at_most = std::max<std::size_t>(1, groups.size());
  while (at_most > 1 && width_of(grid, blocks_of(groups, at_most)) > points) --at_most;
  const std::vector<Block> blocks = blocks_of(groups, at_most);
  std::size_t columns = 1;
  for (const Block& block : blocks) columns = std::max(columns, block.columns.size());
  std::string text;
  const double wide = width_of(grid, blocks);
  if (wide > points)
    text += fmt::format("% about {:.1f} in: not even one of the columns fits; fewer digits, or --transpose\n",
                        wide / points_per_inch);
  text += fmt::format(
      "{{\\fontsize{{8}}{{9.5}}\\selectfont\\setlength{{\\tabcolsep}}{{{:g}pt}}%\n\\begin{{tabular}}{{@{{}}l{"
      "}@{{}}}}\n"
      "\\toprule\n",
      column_gap / 2, std::string(columns - 1, 'r'));
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    if (b > 0) text += "\\midrule[\\heavyrulewidth]\n";
    for (std::size_t i = 0; i < grid.size(); ++i)
      text += line_of(grid[i], blocks[b]) + (i == 0 ? "\\midrule\n" : "");
  }
  return text + "\\bottomrule\n\\end{tabular}}\n";
}

double latex_width(const std::string& cell) {
  constexpr double digit = 4.6;
  constexpr double capital = 6.4;
  constexpr double wide = 6.8;
  double points = 0;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    const auto c = static_cast<unsigned char>(cell[i]);
    if (c == '\\') {
      // \pm, \textbf, \textasciitilde: a sign at most; \% and the like are seen at their second character
      std::size_t end = i + 1;
      while (end < cell.size() && std::isalpha(static_cast<unsigned char>(cell[end])) != 0) ++end;
      if (end == i + 1) continue;
      if (cell.compare(i, end - i, "\\textbf") != 0) points += wide;
      i = end - 1;
    } else if (c == '{' || c == '}' || c == '$' || (c & 0xC0U) == 0x80U) {
      continue;
    } else {
      const bool broad = c == 'm' || c == 'w' || c == '+' || c == '-' || c == '%';
      points += std::isupper(c) != 0 ? capital : broad ? wide : digit;
    }
  }
  return points;
}

}  // namespace admmbench
