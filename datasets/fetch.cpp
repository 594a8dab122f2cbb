#include "datasets/fetch.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "core/io/child_process.hpp"
#include "core/io/sha256.hpp"
#include "datasets/cache.hpp"
#include "datasets/dataset.hpp"

namespace admmbench {
namespace fs = std::filesystem;
namespace {

std::optional<fs::path> existing(const fs::path& path) {
  return fs::is_regular_file(path) ? std::optional(path) : std::nullopt;
}

/// The mirror's file, in the set's folder or, `flat`, beside the files of other sets.
std::optional<fs::path> in_mirror(const RegistryEntry& entry, const RawFile& file, bool flat) {
  const char* mirror = std::getenv("ADMMBENCH_DATA_MIRROR");
  if (mirror == nullptr || *mirror == '\0') return std::nullopt;
  return existing(flat ? fs::path(mirror) / file.name : fs::path(mirror) / entry.name / file.name);
}

std::optional<fs::path> in_system(const RegistryEntry& entry, const RawFile& file) {
  if (entry.system_folder.empty()) return std::nullopt;
  return existing(fs::path("/usr/share/datasets") / entry.system_folder / file.name);
}

/// The hash of `path` in the kind that the registry declares for `file`.
std::string found_hash(const RawFile& file, const fs::path& path) {
  if (!file.sha256.empty()) return "sha256 " + sha256_file(path);
  if (!file.md5.empty()) return "md5 " + md5_file(path);
  try {
    return "unpacked sha256 " + sha256_unpacked(path);
  } catch (const std::runtime_error&) {
    return "sha256 " + sha256_file(path) + " and cannot be unpacked";
  }
}

void copy_to_cache(const RawFile& file, const fs::path& from, const fs::path& to, const std::string& advice) {
  verify_raw_file(file, from, advice);
  TemporaryFile temporary(to);
  fs::copy_file(from, temporary.path());
  fs::permissions(temporary.path(), fs::perms::owner_write, fs::perm_options::add);
  temporary.publish();
}

/// A set that nothing here can supply. `detail`: what the download tool said; `reason`: the same in a few words.
DataUnavailable unavailable(const RegistryEntry& entry, const std::string& detail,
                            const std::string& reason) {
  std::vector<std::string> ways{"connect to the internet and try again"};
  if (!entry.system_package.empty())
    ways.push_back(fmt::format("install the package {}", entry.system_package));
  ways.push_back(mirror_advice(entry));
  return DataUnavailable(fmt::format("{} is not on this machine and could not be downloaded ({}): {}",
                                     entry.name, detail, fmt::join(ways, ", or ")),
                         fmt::format("{}: not downloaded ({})", entry.name, reason));
}

/// "codh.rois.ac.jp" of "http://codh.rois.ac.jp/kmnist/"; empty for file:///folder/.
std::string host_of(const std::string& address) {
  const std::size_t scheme = address.find("://");
  if (scheme == std::string::npos) return {};
  const std::size_t begin = scheme + 3;
  return address.substr(begin, address.find('/', begin) - begin);
}

/// True if curl's `status` says that there was nobody to talk to: unknown proxy (5) or host (6), no connection (7), nothing
/// heard for too long (28), no way through the proxy (97).
bool nobody_there(int status) {
  return status == 5 || status == 6 || status == 7 || status == 28 || status == 97;
}

std::uintmax_t present_bytes(const fs::path& partial) {
  return fs::exists(partial) ? fs::file_size(partial) : 0;
}

/// Downloads to a name of its own, where an interrupted download is resumed.
ChildResult download(const RawFile& file, const std::string& address, const fs::path& partial) {
  if (file.bytes && present_bytes(partial) > *file.bytes) fs::remove(partial);
  const bool resumed = present_bytes(partial) > 0;
  spdlog::info("downloading {}", address);
  const std::vector<std::string> command{
      "curl", "--fail",        "--silent",       "--show-error", "--location", "--connect-timeout",
      "10",   "--speed-limit", "1000",           "--speed-time", "30",         "-C",
      "-",    "--output",      partial.string(), address};
  ChildResult result = run_child(command);
  // 22: the server has no such range (the file was complete), 33 and 36: it cannot resume.
  const bool no_resume = result.status == 22 || result.status == 33 || result.status == 36;
  if (resumed && no_resume) {
    fs::remove(partial);
    result = run_child(command);
  }
  if (result.output.empty()) result.output = fmt::format("curl ended with {}", result.status);
  std::replace(result.output.begin(), result.output.end(), '\n', ' ');
  return result;
}

/// Keeps what curl's `status` says about `host`.
void note_answer(const std::string& host, int status, Downloads& downloads) {
  if (nobody_there(status)) {
    downloads.unreachable.insert(host);
  } else if (status != 127) {  // no curl
    downloads.reached = true;
  }
}

void download_to_cache(const RegistryEntry& entry, const RawFile& file, const fs::path& to,
                       Downloads& downloads) {
  fs::path partial = to;
  partial += ".part";  // the caller holds the lock: one download at a time
  std::string detail = "no public address is known";
  std::string reason = detail;
  for (const std::string& address : entry.addresses) {
    // Else an earlier download was interrupted just before it was taken over: nobody is asked.
    if (!file.bytes || present_bytes(partial) != *file.bytes) {
      const std::string host = host_of(address);
      if (downloads.unreachable.contains(host)) {
        detail = reason = host + " cannot be reached";
        continue;
      }
      const ChildResult result = download(file, address + file.name, partial);
      if (!host.empty()) note_answer(host, result.status, downloads);
      if (result.status != 0) {
        detail = result.output;
        reason = downloads.unreachable.contains(host) ? host + " cannot be reached" : detail;
        continue;
      }
    }
    try {
      verify_raw_file(file, partial, fmt::format("it came from {}{}; try again later", address, file.name));
    } catch (...) {
      fs::remove(partial);
      throw;
    }
    fs::rename(partial, to);
    return;
  }
  throw unavailable(entry, detail, reason);
}

void fetch_to_cache(const RegistryEntry& entry, const RawFile& file, const fs::path& cached,
                    Downloads& downloads) {
  const std::string wrong_in_mirror = "replace it, or unset ADMMBENCH_DATA_MIRROR";
  if (fs::is_regular_file(cached)) {
    verify_raw_file(file, cached, "delete it and it will be fetched again");
    return;
  }
  if (const auto mirrored = in_mirror(entry, file, false)) {
    copy_to_cache(file, *mirrored, cached, wrong_in_mirror);
    return;
  }
  // MNIST and its look-alikes share their file names: a file beside others may well be another set's, so a wrong hash
  // is no reason to give up, but to be told if nothing else helps.
  std::string doubtful;
  if (const auto mirrored = in_mirror(entry, file, true)) {
    try {
      copy_to_cache(file, *mirrored, cached, wrong_in_mirror);
      return;
    } catch (const DataError& error) {
      doubtful = error.what();
    }
  }
  if (const auto packaged = in_system(entry, file)) {
    copy_to_cache(file, *packaged, cached, fmt::format("reinstall the package {}", entry.system_package));
    return;
  }
  try {
    download_to_cache(entry, file, cached, downloads);
  } catch (const DataUnavailable&) {
    if (!doubtful.empty()) throw DataError(doubtful);
    throw;
  }
}

}  // namespace

std::string to_string(Availability availability) {
  switch (availability) {
    case Availability::generated:
      return "generated";
    case Availability::cached:
      return "in the cache";
    case Availability::mirror:
      return "in the mirror";
    case Availability::system:
      return "in /usr/share/datasets";
    case Availability::network:
      break;
  }
  return "to be downloaded";
}

Availability availability(const RegistryEntry& entry) {
  if (entry.synthetic()) return Availability::generated;
  Availability worst = Availability::cached;
  for (const RawFile& file : entry.files) {
    Availability here = Availability::network;
    if (fs::is_regular_file(cached_raw_file(entry, file))) {
      here = Availability::cached;
    } else if (in_mirror(entry, file, false) || in_mirror(entry, file, true)) {
      here = Availability::mirror;
    } else if (in_system(entry, file)) {
      here = Availability::system;
    }
    worst = std::max(worst, here);
  }
  return worst;
}

fs::path cached_raw_file(const RegistryEntry& entry, const RawFile& file) {
  return cache_folder() / "raw" / entry.name / file.name;
}

std::string mirror_advice(const RegistryEntry& entry) {
  std::vector<std::string> names;
  for (const RawFile& file : entry.files) names.push_back(file.name);
  return fmt::format("put {} into a folder {}/ and set ADMMBENCH_DATA_MIRROR to the folder above it",
                     fmt::join(names, ", "), entry.name);
}

std::vector<fs::path> fetch_raw_files(const RegistryEntry& entry, Downloads& downloads) {
  std::vector<fs::path> paths;
  for (const RawFile& file : entry.files) {
    paths.push_back(cached_raw_file(entry, file));
    fetch_to_cache(entry, file, paths.back(), downloads);
  }
  return paths;
}

void verify_raw_file(const RawFile& file, const fs::path& path, const std::string& advice) {
  const std::string expected = file.declared_hash();
  const std::string found = found_hash(file, path);
  if (found == expected) return;
  std::string sizes;
  if (file.bytes && fs::file_size(path) != *file.bytes) {
    sizes = fmt::format(" ({} bytes, expected {})", fs::file_size(path), *file.bytes);
  }
  throw DataError(fmt::format("{}: damaged or another version: found {}, expected {}{}; {}", path.string(),
                              found, expected, sizes, advice));
}

}  // namespace admmbench
