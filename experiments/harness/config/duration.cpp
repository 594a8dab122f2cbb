#include "experiments/harness/config/duration.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace admmbench {

namespace {

constexpr std::array<std::pair<std::string_view, double>, 5> units{
    {{"", 1}, {"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}}};

constexpr double longest = 1e9;  // seconds: what a clock of whole milliseconds can wait for

}  // namespace

std::optional<double> read_duration(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number) || number <= 0) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const auto& [name, seconds] : units) {
    if (unit == name && number * seconds <= longest) return number * seconds;
  }
  return std::nullopt;
}

std::optional<Every> read_interval(std::string_view text) {
  if (text == "never") return Every{};
  long iterations = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), iterations);
  if (error == std::errc() && end == text.data() + text.size()) {
    if (iterations < 1) return std::nullopt;
    return Every{{}, iterations};
  }
  // 2.5 is neither a number of iterations nor a time with its unit.
  if (!text.ends_with('s') && !text.ends_with('n') && !text.ends_with('h') && !text.ends_with('d'))
    return std::nullopt;
  const std::optional<double> seconds = read_duration(text);
  if (!seconds) return std::nullopt;
  return Every{seconds, {}};
}

const TextForm duration_form{
    "^[0-9.]+(e[+-]?[0-9]+)? ?(s|min|h|d)?$", 0,
    [](std::string_view text) { return read_duration(text).has_value(); },
    "is no time; allowed: seconds, or a number > 0 with its unit: 90s, 15min, 2h, 1d"};

const TextForm interval_form{
    "^([0-9]+|[0-9.]+(e[+-]?[0-9]+)? ?(s|min|h|d)|never)$", 0,
    [](std::string_view text) { return read_interval(text).has_value(); },
    "is no interval; allowed: a time with its unit (60s, 15min, 2h), a number of iterations, or never"};

}  // namespace admmbench
