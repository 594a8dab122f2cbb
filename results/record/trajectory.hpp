#pragma once
/// The recorded columns of one run (docs/reference/results.md): equal-length vectors, entry 0 = the initial point.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace admmbench {

struct Trajectory {
  std::vector<std::int64_t> iteration;
  /// Further columns in recording order: seconds, objective, residual, train_loss, ...; all as long as `iteration`.
  std::vector<std::pair<std::string, std::vector<double>>> columns;

  /// The column `name`, or nullptr.
  const std::vector<double>* find(const std::string& name) const;
  /// Appends to column `name`; a new column is allowed only at the first record.
  void append(const std::string& name, double value);

  /// Takes back the last record.
  void drop_last();

  template <class Archive>
  void archive(Archive& a) {
    a(iteration, columns);
  }
};

}  // namespace admmbench
