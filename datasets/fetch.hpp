#pragma once
/// Getting the raw files of a registered set. Order: the cache, $ADMMBENCH_DATA_MIRROR (a folder with <set>/<file>, or
/// the files side by side), /usr/share/datasets, the public address (curl). Whatever the place, a file is used only
/// after its size and hash were found right.

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/registry.hpp"

namespace admmbench {

/// Where a set would come from now.
enum class Availability {
  generated,  ///< synthetic
  cached,     ///< raw files are in the cache
  mirror,
  system,   ///< /usr/share/datasets
  network,  ///< has to be downloaded
};
std::string to_string(Availability availability);

/// By existence of files, without hashing them.
Availability availability(const RegistryEntry& entry);

/// Where the cache keeps `file` of `entry`, whether it is there or not.
std::filesystem::path cached_raw_file(const RegistryEntry& entry, const RawFile& file);

/// Brings all files of `entry` to the cache and returns them in the registry's order. The caller holds
/// CacheLock(entry.name). Throws DataUnavailable (one line: what to do), or DataError for a file whose content is not
/// the registered one (its name, the expected and the found hash).
std::vector<std::filesystem::path> fetch_raw_files(const RegistryEntry& entry);

/// Throws DataError naming `path`, the expected and the found size or hash, and `advice`.
void verify_raw_file(const RawFile& file, const std::filesystem::path& path, const std::string& advice);

}  // namespace admmbench
