#pragma once
/// LaTeX of a grid of cells: booktabs, and as wide as a column of a paper.

#include <cstddef>
#include <string>
#include <vector>

namespace admmbench {

/// Lines of cells of equal number, the heading first; the cells are LaTeX.
using LatexGrid = std::vector<std::vector<std::string>>;

/// A tabular with its heading between rules, names to the left and numbers to the right.
std::string latex_tabular(const LatexGrid& grid);

/// The same in 8 pt type within `width` inches: the columns behind the first in `groups` (their sizes), of which as many as fit stand side
/// by side, the rest below one another under headings of their own. A comment says so if not even one group fits.
std::string latex_tabular(const LatexGrid& grid, const std::vector<std::size_t>& groups, double width);

/// Points that `cell` takes in 8 pt type at most: commands take none, bold digits 4.6, capitals 6.4.
double latex_width(const std::string& cell);

}  // namespace admmbench
