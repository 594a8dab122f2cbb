#pragma once
/// `table --parameters`: what the runs of an experiment were made with, the choices of a tuning and the edges they are at.

#include <optional>
#include <string>
#include <vector>

#include "results/record/run_record.hpp"

namespace admmbench {

/// A parameter of a method: a value per data set, in the order of ParameterTable::datasets; empty: no run there.
struct ParameterRow {
  std::string method, parameter;
  struct Value {
    std::string text;
    bool tuned = false;
    std::string edge;  ///< lowest | highest of the numbers that were tried; empty: neither, or not tuned
  };
  std::vector<std::optional<Value>> values;
};

struct ParameterTable {
  std::string experiment, profile;
  std::vector<std::string> datasets;
  std::vector<ParameterRow> rows;  ///< by method; of each what was tuned, or is not the method's default
  std::vector<std::string>
      tuning;  ///< how, a line for each way: "random, 24 points of 3 seeds, 100 iterations, by val_accuracy"
};

/// Of the runs of one experiment and profile. Throws as distinct_runs(), and std::runtime_error for summaries, which do not have the
/// settings.
ParameterTable parameter_table(const std::vector<RunRecord>& runs);

/// Edges are ↑ and ↓ (LaTeX: arrows).
std::string to_markdown(const ParameterTable& table);
std::string to_latex(const ParameterTable& table, std::optional<double> width);
/// Long format: experiment,profile,dataset,label,parameter,value,tuned,edge.
std::string to_csv(const ParameterTable& table);

}  // namespace admmbench
