#include "results/comparison/repetition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "core/io/hdf5_file.hpp"

namespace admmbench {

namespace {

/// |a - b| relative to the larger; two NaN are equal, one is infinitely far from everything else.
double relative_difference(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  const double difference = std::abs(a - b) / std::max(std::abs(a), std::abs(b));
  return std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
}

class Comparison {
 public:
  Repetition result;

  void value(double a, double b, const auto& where) {
    const double difference = relative_difference(a, b);
    if (difference == 0) return;
    if (!result.largest || difference > result.largest->relative) result.largest = {where(), difference};
  }

  void trajectories(const Trajectory& a, const Trajectory& b) {
    if (a.iteration != b.iteration) {
      note(fmt::format("{} and {} records", a.iteration.size(), b.iteration.size()));
      return;
    }
    for (const auto& column : a.columns) {  // Clang 14 captures no structured bindings
      const std::string& name = column.first;
      const std::vector<double>& values = column.second;
      if (is_clock(name)) continue;
      const std::vector<double>* others = b.find(name);
      if (others == nullptr) {
        note(fmt::format("no {} now", name));
        continue;
      }
      for (std::size_t i = 0; i < values.size(); ++i) {
        const auto where = [&] { return fmt::format("{} of iteration {}", name, a.iteration[i]); };
        value(values[i], (*others)[i], where);
      }
    }
    for (const auto& column : b.columns) {
      if (a.find(column.first) == nullptr) note(fmt::format("no {} before", column.first));
    }
  }

  void networks(const std::filesystem::path& before, const std::filesystem::path& now) {
    const Hdf5File a = Hdf5File::open_examined(before);
    const Hdf5File b = Hdf5File::open_examined(now);
    if (!a.exists("/final") || !b.exists("/final")) return;
    if (a.members("/final") != b.members("/final")) {
      note("other variables in the final network");
      return;
    }
    for (const std::string& member : a.members("/final")) {
      const std::string name = "/final/" + member;
      if (a.shape(name) != b.shape(name)) {
        note(fmt::format("another shape of {}", name));
        continue;
      }
      const bool matrix = a.shape(name).size() == 2;
      const arma::mat x = matrix ? a.read_samples<double>(name) : arma::mat(a.read_vector<double>(name));
      const arma::mat y = matrix ? b.read_samples<double>(name) : arma::mat(b.read_vector<double>(name));
      // Relative to the largest entry: an entry that is nothing but a rounding error may be any other.
      const double scale = x.is_empty() ? 0 : std::max(arma::abs(x).max(), arma::abs(y).max());
      for (arma::uword i = 0; i < x.n_elem; ++i) {
        if (x[i] == y[i]) continue;
        const double difference = std::abs(x[i] - y[i]);
        value(scale + difference, scale, [&] { return std::string(name); });
      }
    }
  }

 private:
  void note(const std::string& what) { result.shape += (result.shape.empty() ? "" : "; ") + what; }
};

}  // namespace

bool Repetition::holds(double tolerance) const {
  if (!shape.empty()) return false;
  if (other_machine.empty()) return identical;
  return !largest || largest->relative <= tolerance;
}

double repetition_tolerance(const std::string& precision) { return precision == "float32" ? 1e-3 : 1e-6; }

Repetition compare_repetition(const RunRecord& before, const RunRecord& now) {
  Comparison comparison;
  const RunAttributes& a = before.attributes;
  const RunAttributes& b = now.attributes;
  for (const auto& [name, left, right] : {std::tuple("blas", &a.blas, &b.blas),
                                          {"vectors", &a.vectors, &b.vectors},
                                          {"code_version", &a.code_version, &b.code_version}}) {
    if (*left != *right)
      comparison.result.other_machine.push_back(fmt::format("{}: {} and {}", name, *left, *right));
  }
  comparison.trajectories(before.trajectory, now.trajectory);
  comparison.networks(before.path, now.path);
  Repetition& result = comparison.result;
  if (a.status != b.status)
    result.shape += fmt::format("{}{} and {}", result.shape.empty() ? "" : "; ", to_string(a.status),
                                to_string(b.status));
  result.identical =
      result.shape.empty() && !result.largest && before.trajectory_sha256() == now.trajectory_sha256();
  return result;
}

}  // namespace admmbench
