#pragma once
/// Reading files that nobody vouches for. A library that parses them may crash, loop or ask for all memory; in a child process with
/// limits that is one more way in which a file can be damaged, and the caller goes on.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace admmbench {

struct ReadLimits {
  long seconds = 5;  ///< of processor time for one item, whatever else the machine does
  std::uint64_t bytes = std::uint64_t{2} << 30;  ///< of memory, beside what the caller has
};

/// Calls `examine` for each of `files` in a child process and says of each what was wrong: what() of the exception that it threw, or,
/// after the file's name, how it crashed; empty: nothing. What `examine` prints is lost. Throws std::system_error if there can be no
/// child. Call it while no other thread is inside a library that `examine` uses.
std::vector<std::string> examine_guarded(const std::vector<std::filesystem::path>& files,
                                         const std::function<void(const std::filesystem::path&)>& examine,
                                         const ReadLimits& limits = {});

}  // namespace admmbench
