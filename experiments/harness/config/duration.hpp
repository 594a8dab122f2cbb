#pragma once
/// Spans of time as people write them in an experiment: 90, 90s, 15min, 2h, 1d.

#include <optional>
#include <string_view>

#include "core/parameters.hpp"

namespace admmbench {

/// Seconds of `text`, a positive number with an optional unit (s, min, h, d; none: seconds); empty if it is none.
std::optional<double> read_duration(std::string_view text);

/// A text that read_duration() understands.
extern const TextForm duration_form;

/// How often: "60s" by the clock, "100" by iterations, or never.
struct Every {
  std::optional<double> seconds;
  std::optional<long> iterations;

  bool never() const { return !seconds && !iterations; }
};

/// A duration with its unit, a whole number of iterations, or `never`; empty if `text` is none of them.
std::optional<Every> read_interval(std::string_view text);

extern const TextForm interval_form;

}  // namespace admmbench
