#include "results/costs/message_timing.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

namespace admmbench {

namespace {

using TripClock = std::chrono::steady_clock;

constexpr double seconds_per_size = 0.1;
constexpr double fewest_trips = 6;
constexpr double most_trips = 1000;
constexpr int unmeasured_trips = 2;  // memory is touched, connections are made

double middle_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// Makes trips, `trip` being called by all processes as often, and times each in the first one.
template <class Trip>
MessageTiming time_trips(Communicator& processes, std::size_t bytes, const Trip& trip) {
  const auto timed = [&] {
    const auto begin = TripClock::now();
    trip();
    return std::chrono::duration<double>(TripClock::now() - begin).count();
  };
  std::vector<double> seconds;
  for (int i = 0; i < unmeasured_trips; ++i) seconds.push_back(timed());
  double trips = std::clamp(seconds_per_size / std::max(middle_of(seconds), 1e-9), fewest_trips, most_trips);
  processes.broadcast(bytes_of(&trips, 1), 0);  // the first process's choice is that of all
  seconds.clear();
  for (double i = 0; i < trips; ++i) seconds.push_back(timed());
  return {static_cast<double>(bytes), middle_of(seconds), static_cast<double>(seconds.size())};
}

}  // namespace

LinkFit fit_link(const std::vector<MessageTiming>& timings) {
  if (timings.size() < 2) throw std::invalid_argument("a latency and a bandwidth need messages of two sizes");
  // Minimises sum (latency u + slope v - 1)^2 with u = 1/t, v = bytes/t.
  double uu = 0;
  double uv = 0;
  double vv = 0;
  double u = 0;
  double v = 0;
  for (const MessageTiming& timing : timings) {
    if (!(timing.seconds > 0)) throw std::invalid_argument("a message took no time");
    const double one = 1 / timing.seconds;
    const double size = timing.bytes / timing.seconds;
    uu += one * one;
    uv += one * size;
    vv += size * size;
    u += one;
    v += size;
  }
  const double determinant = uu * vv - uv * uv;
  double latency = determinant > 0 ? (u * vv - v * uv) / determinant : 0;
  double slope = determinant > 0 ? (v * uu - u * uv) / determinant : 0;
  if (latency < 0 && vv > 0) {
    latency = 0;
    slope = v / vv;
  }
  if (!(slope > 0)) {  // a busy machine: no line, and the error will say so
    const auto smaller = [](const MessageTiming& one, const MessageTiming& other) {
      return one.bytes < other.bytes;
    };
    latency = std::min_element(timings.begin(), timings.end(), smaller)->seconds;
    const auto largest = std::max_element(timings.begin(), timings.end(), smaller);
    slope = largest->seconds / largest->bytes;
  }
  LinkFit fit{latency, 1 / slope, 0};
  for (const MessageTiming& timing : timings)
    fit.worst_error = std::max(fit.worst_error, std::abs(fit.seconds(timing.bytes) / timing.seconds - 1));
  return fit;
}

std::vector<std::size_t> message_sizes() {
  constexpr std::size_t smallest = 8;
  constexpr std::size_t largest = std::size_t{1} << 24U;
  std::vector<std::size_t> sizes;
  for (std::size_t size = smallest; size < largest; size *= 4) sizes.push_back(size);
  sizes.push_back(largest);
  return sizes;
}

std::vector<MessageTiming> time_messages(Communicator& processes, const std::vector<std::size_t>& sizes) {
  if (processes.size() < 2) throw std::invalid_argument("messages need two processes");
  std::vector<MessageTiming> timings;
  for (const std::size_t size : sizes) {
    std::vector<std::byte> bytes(size);
    const auto trip = [&] {
      if (processes.rank() == 0) {
        processes.send(bytes, 1, 0)->wait();
        processes.receive(bytes, 1, 0)->wait();
      } else if (processes.rank() == 1) {
        processes.receive(bytes, 0, 0)->wait();
        processes.send(bytes, 0, 0)->wait();
      }
    };
    MessageTiming timing = time_trips(processes, size, trip);
    timing.seconds /= 2;
    if (processes.leads()) timings.push_back(timing);
  }
  return timings;
}

std::vector<MessageTiming> time_sums(Communicator& processes, const std::vector<std::size_t>& sizes) {
  std::vector<MessageTiming> timings;
  for (const std::size_t size : sizes) {
    std::vector<float> values(std::max<std::size_t>(1, size / sizeof(float)));
    const MessageTiming timing =
        time_trips(processes, values.size() * sizeof(float), [&] { processes.sum(values); });
    if (processes.leads()) timings.push_back(timing);
  }
  return timings;
}

}  // namespace admmbench
