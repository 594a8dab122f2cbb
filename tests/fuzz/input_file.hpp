#pragma once
/// The bytes that a fuzzer made, as the file that a reader wants.

#include <pthread.h>
#include <sanitizer/common_interface_defs.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace admmbench::fuzz {

/// A child process that crashes on a file is what the readers have it for, and no finding: libFuzzer's report of a death is for the
/// parent alone.
inline const int children_are_no_findings =
    pthread_atfork(nullptr, nullptr, [] { __sanitizer_set_death_callback(nullptr); });

/// One file for each process, in memory where there is such a folder.
inline std::filesystem::path input_file(const std::uint8_t* data, std::size_t size,
                                        const std::string& ending) {
  static const std::filesystem::path folder =
      std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path();
  std::filesystem::path path = folder / ("admmbench-fuzz-" + std::to_string(::getpid()) + ending);
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  return path;
}

}  // namespace admmbench::fuzz
