#include "results/report/distances.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "core/io/hdf5_file.hpp"

namespace admmbench {

namespace {

using Names = std::vector<std::string>;

bool is_weight(const std::string& name) { return name.starts_with('W') || name.starts_with('b'); }

Names weights(const Names& names) {
  Names chosen;
  std::copy_if(names.begin(), names.end(), std::back_inserter(chosen), is_weight);
  return chosen;
}

arma::mat read_variable(const Hdf5File& file, const std::string& name) {
  if (file.shape(name).size() == 1) return arma::vec(file.read_vector<double>(name));
  return file.read_matrix<double>(name);
}

/// The variables of one group, kept in memory as the point that distances are measured to.
struct Point {
  Names names;
  std::vector<arma::mat> values;
};

Point read_point(const Hdf5File& file, const std::string& group, const Names& names) {
  Point point{names, {}};
  for (const std::string& name : names)
    point.values.push_back(read_variable(file, fmt::format("{}/{}", group, name)));
  return point;
}

/// NaN if a variable is missing or of another shape, or the point is 0.
double distance(const Hdf5File& file, const std::string& group, const Point& to) {
  double square = 0;
  double scale = 0;
  for (std::size_t i = 0; i < to.names.size(); ++i) {
    const std::string name = group + "/" + to.names[i];
    if (!file.exists(name)) return std::numeric_limits<double>::quiet_NaN();
    const arma::mat value = read_variable(file, name);
    if (arma::size(value) != arma::size(to.values[i])) return std::numeric_limits<double>::quiet_NaN();
    square += arma::accu(arma::square(value - to.values[i]));
    scale += arma::accu(arma::square(to.values[i]));
  }
  return scale > 0 ? std::sqrt(square / scale) : std::numeric_limits<double>::quiet_NaN();
}

Point read_solution(const std::filesystem::path& path) {
  const Hdf5File file = Hdf5File::open(path);
  for (const char* group : {"/", "/final", "/initial"}) {
    if (!file.exists(std::string(group) + "/W1")) continue;
    return read_point(file, group, weights(file.members(group)));
  }
  throw std::runtime_error(path.string() + ": no W1 at its root, under /final or under /initial");
}

}  // namespace

Trajectory iterate_distances(const std::filesystem::path& run, const std::filesystem::path& solution) {
  const Hdf5File file = Hdf5File::open(run);
  Trajectory result;
  if (!file.exists("/iterates")) return result;
  for (const std::string& name : file.members("/iterates")) result.iteration.push_back(std::stol(name));
  std::sort(result.iteration.begin(), result.iteration.end());
  if (result.iteration.empty()) return result;
  const auto group = [](std::int64_t k) { return "/iterates/" + std::to_string(k); };
  const auto add = [&](const std::string& column, const Point& to) {
    std::vector<double> values;
    for (const std::int64_t k : result.iteration) values.push_back(distance(file, group(k), to));
    result.columns.emplace_back(column, std::move(values));
  };
  if (file.exists("/final")) add("weights_to_last", read_point(file, "/final", file.members("/final")));
  const std::string last = group(result.iteration.back());
  add("variables_to_last", read_point(file, last, file.members(last)));
  if (!solution.empty()) add("weights_to_solution", read_solution(solution));
  return result;
}

}  // namespace admmbench
