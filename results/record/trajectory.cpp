#include "results/record/trajectory.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace admmbench {

namespace {

auto find_column(auto& columns, const std::string& name) {
  return std::find_if(columns.begin(), columns.end(),
                      [&](const auto& column) { return column.first == name; });
}

}  // namespace

const std::vector<double>* Trajectory::find(const std::string& name) const {
  const auto found = find_column(columns, name);
  return found == columns.end() ? nullptr : &found->second;
}

void Trajectory::drop_last() {
  iteration.pop_back();
  for (auto& [name, values] : columns) values.pop_back();
}

void Trajectory::append(const std::string& name, double value) {
  const auto found = find_column(columns, name);
  if (found != columns.end()) {
    found->second.push_back(value);
    return;
  }
  if (iteration.size() > 1 && !is_clock(name)) {
    throw std::logic_error("trajectory: column " + name + " did not exist at the first record");
  }
  std::vector<double> values(iteration.empty() ? 0 : iteration.size() - 1,
                             std::numeric_limits<double>::quiet_NaN());
  values.push_back(value);
  columns.emplace_back(name, std::move(values));
}

void Trajectory::complete() {
  for (auto& [name, values] : columns) {
    if (is_clock(name)) values.resize(iteration.size(), std::numeric_limits<double>::quiet_NaN());
  }
}

bool is_clock(const std::string& column) {
  return column == "seconds" || column == "computing" || column == "waiting" || column == "imbalance";
}

}  // namespace admmbench
