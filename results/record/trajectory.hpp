#pragma once
/// The recorded columns of one run (docs/reference/results.md): equal-length vectors, entry 0 = the initial point.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace admmbench {

/// Columns that a clock made: they differ between runs that are the same to the bit.
bool is_clock(const std::string& column);

struct Trajectory {
  std::vector<std::int64_t> iteration;
  /// Further columns in recording order: seconds, objective, residual, train_loss, ...; all as long as `iteration`.
  std::vector<std::pair<std::string, std::vector<double>>> columns;

  /// The column `name`, or nullptr.
  const std::vector<double>* find(const std::string& name) const;
  /// Appends to column `name`; a new column is allowed only at the first record, of a clock also later: NaN before.
  void append(const std::string& name, double value);

  /// After all values of a record were appended: NaN where a column of a clock has none, because the run went on from a checkpoint with
  /// another number of processes.
  void complete();

  /// Takes back the last record.
  void drop_last();

  template <class Archive>
  void archive(Archive& a) {
    a(iteration, columns);
  }
};

}  // namespace admmbench
