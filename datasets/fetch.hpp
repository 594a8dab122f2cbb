#pragma once
/// Getting the raw files of a registered set. Order: the cache, $ADMMBENCH_DATA_MIRROR (a folder with <set>/<file>, or
/// the files side by side), the folder of the set's Debian package, the public address (curl). Whatever the place, a file is used only
/// after its size and hash were found right.

#include <exception>
#include <filesystem>
#include <functional>
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
  system,   ///< the Debian package is installed
  network,  ///< has to be downloaded
};
std::string to_string(Availability availability);

/// By existence of files, without hashing them.
Availability availability(const RegistryEntry& entry);

/// Where the cache keeps `file` of `entry`, whether it is there or not.
std::filesystem::path cached_raw_file(const RegistryEntry& entry, const RawFile& file);

/// How the downloads of a call are coming along.
struct DownloadProgress {
  std::size_t files = 0;        ///< that have to be downloaded
  std::size_t over = 0;         ///< of them, with success or without
  std::uintmax_t bytes = 0;     ///< that are there
  std::uintmax_t expected = 0;  ///< bytes in all; 0 where that is not known of every file
};

/// What is known of the web, shared by all that one command fetches: a host that could not be reached is not tried again.
struct Downloads {
  std::set<std::string>
      unreachable;       ///< hosts that were tried in vain: no address for the name, no connection
  bool reached = false;  ///< some host answered, with a file or without
  /// Called several times a second while files are fetched; with null before something else is said, and at the end. Empty: nobody
  /// looks.
  std::function<void(const DownloadProgress*)> show = {};

  /// Nothing answered although several hosts were tried.
  bool no_network() const { return !reached && unreachable.size() > 1; }
};

/// Brings all files of `entry` to the cache, several at once, and returns them in the registry's order. The caller holds
/// CacheLock(entry.name). A file that cannot be had does not keep the others from the cache; then throws DataUnavailable (one line: what to do), or DataError for a file whose content is not
/// the registered one (its name, the expected and the found hash).
std::vector<std::filesystem::path> fetch_raw_files(const RegistryEntry& entry, Downloads& downloads);

/// Brings the files of all `sets`, which differ, to the cache, several at once, while it holds their locks. What became of each, in their order: null,
/// or what fetch_raw_files() would have thrown.
std::vector<std::exception_ptr> fetch_sets(const std::vector<RegistryEntry>& sets, Downloads& downloads);

/// "put train-images, train-labels into a folder mnist/ and set ADMMBENCH_DATA_MIRROR to the folder above it"
std::string mirror_advice(const RegistryEntry& entry);

/// Throws DataError naming `path`, the expected and the found size or hash, and `advice`.
void verify_raw_file(const RawFile& file, const std::filesystem::path& path, const std::string& advice);

}  // namespace admmbench
