#pragma once
/// Getting the raw files of a registered set. Order: the cache, $ADMMBENCH_DATA_MIRROR (a folder with <set>/<file>, or
/// the files side by side), /usr/share/datasets, the public address (curl). Whatever the place, a file is used only
/// after its size and hash were found right.

#include <filesystem>
#include <set>
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

/// What is known of the web, shared by all that one command fetches: a host that could not be reached is not tried again.
struct Downloads {
  std::set<std::string>
      unreachable;       ///< hosts that were tried in vain: no address for the name, no connection
  bool reached = false;  ///< some host answered, with a file or without

  /// Nothing answered although several hosts were tried.
  bool no_network() const { return !reached && unreachable.size() > 1; }
};

/// Brings all files of `entry` to the cache and returns them in the registry's order. The caller holds
/// CacheLock(entry.name). Throws DataUnavailable (one line: what to do), or DataError for a file whose content is not
/// the registered one (its name, the expected and the found hash).
std::vector<std::filesystem::path> fetch_raw_files(const RegistryEntry& entry, Downloads& downloads);

/// "put train-images, train-labels into a folder mnist/ and set ADMMBENCH_DATA_MIRROR to the folder above it"
std::string mirror_advice(const RegistryEntry& entry);

/// Throws DataError naming `path`, the expected and the found size or hash, and `advice`.
void verify_raw_file(const RawFile& file, const std::filesystem::path& path, const std::string& advice);

}  // namespace admmbench
