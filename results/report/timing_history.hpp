#pragma once
/// The history of timings, results/timings/*.jsonl: one line per revision (docs/measured/timings.md).

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace admmbench {

struct TimedRevision {
  std::string commit;
  std::string date;                       ///< of the commit, ISO 8601
  std::map<std::string, double> seconds;  ///< benchmark -> median
};

/// One file: one kind of machine.
struct TimingHistory {
  std::string machine;                   ///< the file's name without its extension
  std::vector<TimedRevision> revisions;  ///< in the file's order, oldest first
};

/// All histories in `folder`, sorted by name; none if there is no such folder. Throws std::runtime_error naming file and line.
std::vector<TimingHistory> load_timings(const std::filesystem::path& folder);

}  // namespace admmbench
