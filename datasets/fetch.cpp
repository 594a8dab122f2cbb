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

/// One line for people: what to do about a set that nothing here can supply.
std::string what_to_do(const RegistryEntry& entry, const std::string& reason) {
  std::vector<std::string> ways{"connect to the internet and try again"};
  if (!entry.system_package.empty())
    ways.push_back(fmt::format("install the package {}", entry.system_package));
  std::vector<std::string> names;
  for (const RawFile& file : entry.files) names.push_back(file.name);
  ways.push_back(fmt::format("put {} into a folder {}/ and set ADMMBENCH_DATA_MIRROR to the folder above it",
                             fmt::join(names, ", "), entry.name));
  return fmt::format("{} is not on this machine and could not be downloaded ({}): {}", entry.name, reason,
                     fmt::join(ways, ", or "));
}

/// Downloads to a name of its own, where an interrupted download is resumed. Returns curl's complaint, or nothing.
std::string download(const RawFile& file, const std::string& address, const fs::path& partial) {
  const auto present = [&] { return fs::exists(partial) ? fs::file_size(partial) : 0; };
  if (file.bytes && present() > *file.bytes) fs::remove(partial);
  if (file.bytes && present() == *file.bytes) return {};
  const bool resumed = present() > 0;
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
  if (result.status == 0) return {};
  if (result.output.empty()) return fmt::format("curl ended with {}", result.status);
  std::replace(result.output.begin(), result.output.end(), '\n', ' ');
  return result.output;
}

void download_to_cache(const RegistryEntry& entry, const RawFile& file, const fs::path& to) {
  fs::path partial = to;
  partial += ".part";  // the caller holds the lock: one download at a time
  std::string reason = "no public address is known";
  for (const std::string& address : entry.addresses) {
    reason = download(file, address + file.name, partial);
    if (!reason.empty()) continue;
    try {
      verify_raw_file(file, partial, fmt::format("it came from {}{}; try again later", address, file.name));
    } catch (...) {
      fs::remove(partial);
      throw;
    }
    fs::rename(partial, to);
    return;
  }
  throw DataUnavailable(what_to_do(entry, reason));
}

void fetch_to_cache(const RegistryEntry& entry, const RawFile& file, const fs::path& cached) {
  const std::string mirror_advice = "replace it, or unset ADMMBENCH_DATA_MIRROR";
  if (fs::is_regular_file(cached)) {
    verify_raw_file(file, cached, "delete it and it will be fetched again");
    return;
  }
  if (const auto mirrored = in_mirror(entry, file, false)) {
    copy_to_cache(file, *mirrored, cached, mirror_advice);
    return;
  }
  // MNIST and its look-alikes share their file names: a file beside others may well be another set's, so a wrong hash
  // is no reason to give up, but to be told if nothing else helps.
  std::string doubtful;
  if (const auto mirrored = in_mirror(entry, file, true)) {
    try {
      copy_to_cache(file, *mirrored, cached, mirror_advice);
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
    download_to_cache(entry, file, cached);
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

std::vector<fs::path> fetch_raw_files(const RegistryEntry& entry) {
  std::vector<fs::path> paths;
  for (const RawFile& file : entry.files) {
    paths.push_back(cached_raw_file(entry, file));
    fetch_to_cache(entry, file, paths.back());
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
