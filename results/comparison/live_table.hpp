#pragma once
/// What is known of an experiment while it runs: a cell per method and data set, with the mean so far, its curve, and how many
/// of its runs have ended.

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "results/record/run_record.hpp"

namespace admmbench {

/// `values` as bars of eight heights, the least the lowest, at most `width` characters: of more values every one stands for a stretch
/// of equal length. What is not finite is a blank. Empty for no values.
std::string sparkline(const std::vector<double>& values, std::size_t width);

/// The runs of an experiment: planned ones are counted, those that ended are added one by one.
class LiveTable {
 public:
  explicit LiveTable(std::string metric) : metric_(std::move(metric)) {}

  /// A run is to be made. The rows and columns are in the order of these calls.
  void plan(const std::string& method, const std::string& dataset);
  /// A planned run has ended.
  void add(const std::string& method, const std::string& dataset, const RunRecord& run);

  /// Lines of at most `columns` characters: "0.9512 ▁▄▆█ 3/5" a cell, best so far first where there are several methods. The mean is
  /// that of the runs that finished; "2 lost" counts the others that ended.
  std::string text(std::size_t columns) const;

  const std::string& metric() const { return metric_; }

 private:
  struct Cell {
    std::size_t planned = 0, ended = 0, finished = 0;
    double sum = 0;             ///< of the last values of the finished runs
    std::vector<double> curve;  ///< sum of the columns of the finished runs, as long as the shortest
  };

  std::string cell_text(const Cell& cell) const;
  std::string metric_;
  std::vector<std::string> methods_, datasets_;
  std::map<std::pair<std::size_t, std::size_t>, Cell> cells_;  ///< method, data set
};

}  // namespace admmbench
