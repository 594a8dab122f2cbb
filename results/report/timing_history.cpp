#include "results/report/timing_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace admmbench {

namespace {

TimedRevision read_revision(const std::string& line) {
  const auto json = nlohmann::json::parse(line);
  TimedRevision revision{json.at("commit").get<std::string>(), json.at("date").get<std::string>(), {}};
  for (const auto& [name, benchmark] : json.at("benchmarks").items()) {
    revision.seconds[name] = benchmark.at("seconds").get<double>();
  }
  return revision;
}

}  // namespace

std::vector<TimingHistory> load_timings(const std::filesystem::path& folder) {
  std::vector<TimingHistory> histories;
  if (!std::filesystem::is_directory(folder)) return histories;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".jsonl") continue;
    TimingHistory history{entry.path().stem().string(), {}};
    std::ifstream in(entry.path());
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
      if (line.empty()) continue;
      try {
        history.revisions.push_back(read_revision(line));
      } catch (const nlohmann::json::exception& error) {
        throw std::runtime_error(
            fmt::format("{}:{}: not a line of timings: {}", entry.path().string(), number, error.what()));
      }
    }
    histories.push_back(std::move(history));
  }
  std::sort(histories.begin(), histories.end(),
            [](const TimingHistory& a, const TimingHistory& b) { return a.machine < b.machine; });
  return histories;
}

}  // namespace admmbench
