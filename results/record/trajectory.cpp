#include "results/record/trajectory.hpp"

#include <algorithm>
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
  if (iteration.size() > 1) {
    throw std::logic_error("trajectory: column " + name + " did not exist at the first record");
  }
  columns.emplace_back(name, std::vector<double>{value});
}

}  // namespace admmbench
