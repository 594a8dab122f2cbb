#pragma once
/// Critical-difference diagrams (Demsar, J. Mach. Learn. Res. 7, 2006, section 3.2.2): methods on an axis of mean ranks, the best to
/// the right, bars over those that the test does not tell apart.

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "results/comparison/ranking.hpp"

namespace admmbench {

/// The first and the last of each group of mean ranks, given in increasing order, whose ends differ by less than
/// `critical_difference`; groups of one, and those inside another one, are left out.
std::vector<std::pair<std::size_t, std::size_t>> alike_groups(const std::vector<double>& mean_ranks,
                                                              double critical_difference);

/// The gnuplot script that draws it; 8 point type, 3.5 inches wide or as much more as the names take. Throws FigureError if there is no ranking.
std::string rank_diagram_script(const MethodRanking& ranking, const std::filesystem::path& file);

/// Writes `file` (.pdf, .svg or .png), whole or not at all. Throws as that and run_gnuplot().
void draw_rank_diagram(const MethodRanking& ranking, const std::filesystem::path& file);

}  // namespace admmbench
