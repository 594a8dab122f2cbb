#include "core/parallel/sample_sum.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace admmbench {

void require_a_sample_each(const ParallelRun& team, std::size_t total) {
  if (team.samples == nullptr || static_cast<std::size_t>(team.samples->size()) <= total) return;
  throw std::invalid_argument(
      fmt::format("{} training samples cannot be split over {} processes: every one needs a sample at least; "
                  "start at most {}",
                  total, team.samples->size(), total));
}

}  // namespace admmbench
