#pragma once
/// What a message between two processes takes, and a sum over both: measured through a Communicator, so through all that a run pays
/// for, and the line t = latency + bytes / bandwidth through the medians.

#include <cstddef>
#include <vector>

#include "core/parallel/communicator.hpp"

namespace admmbench {

/// One size.
struct MessageTiming {
  double bytes = 0;
  double seconds = 0;  ///< median; of a message half of the way there and back
  double trips = 0;    ///< how many it is the median of
};

/// t = latency + bytes / bandwidth.
struct LinkFit {
  double latency = 0;      ///< seconds
  double bandwidth = 0;    ///< bytes per second
  double worst_error = 0;  ///< largest |fitted / measured - 1|

  double seconds(double bytes) const { return latency + bytes / bandwidth; }
};

/// Least squares of the relative errors; a latency below zero is zero. Where larger messages do not take longer, as on a busy machine,
/// the smallest is the latency and the largest the bandwidth. Throws std::invalid_argument if there are fewer than two sizes or a
/// time is not positive.
LinkFit fit_link(const std::vector<MessageTiming>& timings);

/// 8 B to 16 MB.
std::vector<std::size_t> message_sizes();

/// Messages there and back between the first two processes of `processes`, all of which call it; the result is the first one's, empty
/// in the others. Takes some 0.1 s for a size.
std::vector<MessageTiming> time_messages(Communicator& processes, const std::vector<std::size_t>& sizes);

/// Sums of floats over all `processes`, begun together; the result is the first process's.
std::vector<MessageTiming> time_sums(Communicator& processes, const std::vector<std::size_t>& sizes);

}  // namespace admmbench
