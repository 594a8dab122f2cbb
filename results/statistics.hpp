#pragma once
/// Summaries of a sample: one value per seed.

#include <cstddef>
#include <optional>
#include <vector>

namespace admmbench {

struct Summary {
  std::size_t count = 0;
  double mean = 0;
  std::optional<double> deviation;  ///< sample standard deviation (n - 1); empty for fewer than two values
  double minimum = 0;
  double maximum = 0;
  double median = 0;
};

/// Summary of `values`; count 0 and all else 0 for an empty sample.
Summary summarize(std::vector<double> values);

}  // namespace admmbench
