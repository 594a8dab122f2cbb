#pragma once
/// Every published figure beside ours, one by one: what was reached, what was not, and why.

#include <optional>
#include <string>
#include <vector>

#include "results/comparison/table.hpp"

namespace admmbench {

/// One cell of a paper's table.
struct PublishedCell {
  PublishedFigure figure;
  std::string experiment;          ///< ours; empty: it was not run
  std::string label;               ///< of the row it stands beside
  std::optional<Summary> summary;  ///< over the seeds; empty: no run has a value
};

/// How far a cell is from the published figure.
enum class Reached {
  closely,           ///< within 0.01 of it; of one above 1, as bytes are, within a hundredth
  within_deviation,  ///< within the published standard deviation
  as_a_seed,         ///< one published run, as far from our mean as one more of our seeds may be (95 %)
  explained,         ///< further away; results/published has the cause
  unexplained,
  not_run
};
Reached reached(const PublishedCell& cell);

/// All figures of the keys that `tables` show, in the order of `published`.
std::vector<PublishedCell> published_cells(const std::vector<Table>& tables,
                                           const std::vector<PublishedFigure>& published);

/// How many cells came out how, then a table for each key.
std::string to_markdown(const std::vector<PublishedCell>& cells);

}  // namespace admmbench
