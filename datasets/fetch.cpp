#include "datasets/fetch.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

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
  return existing(fs::path(entry.system_folder) / file.name);
}

/// The hash of `path` in the kind that the registry declares for `file`.
std::string found_hash(const RawFile& file, const fs::path& path) {
  if (!file.sha256.empty()) return "sha256 " + sha256_file(path);
  if (!file.md5.empty()) return "md5 " + md5_file(path);
  if (!file.hashed()) return file.declared_hash();
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

/// Tells people what is done for a file; see Fetching.
using Say = std::function<void(std::string)>;

/// Downloads to a name of its own, where an interrupted download is resumed.
ChildResult download(const RawFile& file, const std::string& address, const fs::path& partial,
                     const Say& say) {
  if (file.bytes && present_bytes(partial) > *file.bytes) fs::remove(partial);
  const bool resumed = present_bytes(partial) > 0;
  say("downloading " + address);
  const std::vector<std::string> command{
      "curl", "--fail",        "--silent",       "--show-error", "--location", "--connect-timeout",
      "10",   "--speed-limit", "1000",           "--speed-time", "30",         "-C",
      "-",    "--output",      partial.string(), "--url",        address};
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

/// What is known of the hosts, between the threads that download. Of a host of which nothing is known one thread asks for a file,
/// and the others wait until it answers.
class Hosts {
 public:
  explicit Hosts(Downloads& downloads) : downloads_(downloads) {}

  /// False if nobody is there. Otherwise told() has to follow; `partial` grows as the host answers.
  bool may_answer(const std::string& host, const fs::path& partial) {
    if (host.empty()) return true;
    std::unique_lock lock(mutex_);
    while (asked_.contains(host) && !downloads_.unreachable.contains(host)) {
      const auto& [file, before] = asked_.at(host);
      if (present_bytes(file) > before) {
        note_answer(host);
      } else {
        changed_.wait_for(lock, std::chrono::milliseconds(50));
      }
    }
    if (downloads_.unreachable.contains(host)) return false;
    if (!answering_.contains(host)) asked_.emplace(host, std::pair{partial, present_bytes(partial)});
    return true;
  }

  /// Keeps what curl's `status` says about `host`.
  void told(const std::string& host, int status) {
    if (host.empty()) return;
    const std::lock_guard lock(mutex_);
    asked_.erase(host);
    if (nobody_there(status)) {
      downloads_.unreachable.insert(host);
    } else if (status != 127) {  // no curl
      note_answer(host);
    }
    changed_.notify_all();
  }

 private:
  void note_answer(const std::string& host) {
    downloads_.reached = true;
    answering_.insert(host);
    asked_.erase(host);
  }

  Downloads& downloads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::pair<fs::path, std::uintmax_t>>
      asked_;  ///< for the first time: file, bytes before
  std::set<std::string> answering_;
};

fs::path partial_of(fs::path cached) { return cached += ".part"; }

void download_to_cache(const RegistryEntry& entry, const RawFile& file, const fs::path& to, Hosts& hosts,
                       const Say& say) {
  const fs::path partial = partial_of(to);  // the caller holds the set's lock: one download of it at a time
  std::string detail = "no public address is known";
  std::string reason = detail;
  std::vector<std::string> places{file.address};
  if (file.address.empty()) {
    places.clear();
    for (const std::string& folder : entry.addresses) places.push_back(folder + file.name);
  }
  for (const std::string& address : places) {
    // Else an earlier download was interrupted just before it was taken over: nobody is asked.
    if (!file.bytes || present_bytes(partial) != *file.bytes) {
      const std::string host = host_of(address);
      if (!hosts.may_answer(host, partial)) {
        detail = reason = host + " cannot be reached";
        continue;
      }
      ChildResult result{127, ""};
      try {
        result = download(file, address, partial, say);
      } catch (...) {
        hosts.told(host, result.status);
        throw;
      }
      hosts.told(host, result.status);
      if (result.status != 0) {
        detail = result.output;
        reason = !host.empty() && nobody_there(result.status) ? host + " cannot be reached" : detail;
        continue;
      }
    }
    try {
      verify_raw_file(file, partial, fmt::format("it came from {}; try again later", address));
    } catch (...) {
      fs::remove(partial);
      throw;
    }
    fs::rename(partial, to);
    return;
  }
  throw unavailable(entry, detail, reason);
}

void fetch_to_cache(const RegistryEntry& entry, const RawFile& file, const fs::path& cached, Hosts& hosts,
                    const Say& say) {
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
    try {
      copy_to_cache(file, *packaged, cached,
                    fmt::format("reinstall the package {}, of Debian 12", entry.system_package));
      return;
    } catch (const DataError& error) {  // another release packs other files: those of the public address do
      doubtful = error.what();
    }
  }
  try {
    download_to_cache(entry, file, cached, hosts, say);
  } catch (const DataUnavailable&) {
    if (!doubtful.empty()) throw DataError(doubtful);
    throw;
  }
}

/// Files that are fetched several at once. What is said about them comes in their order, whichever is faster.
class Fetching {
 public:
  Fetching(const std::vector<RegistryEntry>& sets, Downloads& downloads)
      : downloads_(downloads), hosts_(downloads) {
    for (const RegistryEntry& entry : sets) {
      for (const RawFile& file : entry.files) {
        const fs::path cached = cached_raw_file(entry, file);
        const auto same = std::find_if(tasks_.begin(), tasks_.end(),
                                       [&](const Task& other) { return other.cached == cached; });
        if (same != tasks_.end()) {  // a file that is two parts of a set, or a set that is given twice
          of_files_.push_back(&*same);
          continue;
        }
        Task& task = tasks_.emplace_back();
        of_files_.push_back(&task);
        task.entry = &entry;
        task.file = &file;
        task.cached = cached;
        task.remote = !fs::is_regular_file(task.cached) && !in_mirror(entry, file, false) &&
                      !in_mirror(entry, file, true) && !in_system(entry, file);
      }
    }
  }

  /// What went wrong with each file, in their order; null: nothing.
  std::vector<std::exception_ptr> run() {
    constexpr std::size_t at_once = 4;
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < std::min(at_once, tasks_.size()); ++i)
      threads.emplace_back([this] { work(); });
    std::unique_lock lock(mutex_);
    for (;;) {
      report();
      if (reported_ == tasks_.size()) break;
      changed_.wait_for(lock, std::chrono::milliseconds(200));
    }
    std::vector<std::exception_ptr> errors;
    for (const Task* task : of_files_) errors.push_back(task->error);
    return errors;
  }

 private:
  struct Task {
    const RegistryEntry* entry = nullptr;
    const RawFile* file = nullptr;
    fs::path cached;
    bool remote = false;  ///< has to be downloaded
    std::vector<std::string> said;
    std::exception_ptr error;
    bool over = false;
  };

  void work() {
    for (std::size_t i = next_++; i < tasks_.size(); i = next_++) {
      Task& task = tasks_[i];
      const Say say = [&](std::string text) {
        const std::lock_guard lock(mutex_);
        task.said.push_back(std::move(text));
        changed_.notify_all();
      };
      std::exception_ptr error;
      try {
        fetch_to_cache(*task.entry, *task.file, task.cached, hosts_, say);
      } catch (...) {
        error = std::current_exception();
      }
      const std::lock_guard lock(mutex_);
      task.error = error;
      task.over = true;
      changed_.notify_all();
    }
  }

  /// Says what is new of the first file that is not over, and of those before it.
  void report() {
    for (; reported_ < tasks_.size(); ++reported_) {
      Task& task = tasks_[reported_];
      if (!task.said.empty()) show(nullptr);
      for (const std::string& text : task.said) spdlog::info("{}", text);
      task.said.clear();
      if (!task.over) break;
    }
    const DownloadProgress now = progress();
    show(reported_ < tasks_.size() && now.files > 0 ? &now : nullptr);
  }

  void show(const DownloadProgress* now) const {
    if (downloads_.show) downloads_.show(now);
  }

  DownloadProgress progress() const {
    DownloadProgress now;
    bool known = true;
    for (const Task& task : tasks_) {
      if (!task.remote) continue;
      ++now.files;
      now.over += task.over;
      std::error_code none;
      const std::uintmax_t whole = fs::file_size(task.cached, none);
      now.bytes += none ? present_bytes(partial_of(task.cached)) : whole;
      known = known && task.file->bytes.has_value();
      now.expected += task.file->bytes.value_or(0);
    }
    if (!known) now.expected = 0;
    return now;
  }

  Downloads& downloads_;
  Hosts hosts_;
  std::deque<Task> tasks_;
  std::vector<const Task*> of_files_;  ///< of every file of every set, in their order
  std::atomic<std::size_t> next_{0};
  std::size_t reported_ = 0;  ///< files of which everything has been said
  std::mutex mutex_;          ///< of what the threads write to the tasks
  std::condition_variable changed_;
};

void rethrow_first(const std::vector<std::exception_ptr>& errors) {
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
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
      return "in its package";
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
  rethrow_first(Fetching({entry}, downloads).run());
  std::vector<fs::path> paths;
  for (const RawFile& file : entry.files) paths.push_back(cached_raw_file(entry, file));
  return paths;
}

std::vector<std::exception_ptr> fetch_sets(const std::vector<RegistryEntry>& sets, Downloads& downloads) {
  std::set<std::string> names;
  for (const RegistryEntry& entry : sets) names.insert(entry.name);
  std::deque<CacheLock> locks;  // in the order of the names, whoever takes several
  for (const std::string& name : names) locks.emplace_back(name);
  const std::vector<std::exception_ptr> errors = Fetching(sets, downloads).run();
  std::vector<std::exception_ptr> first;
  auto error = errors.begin();
  for (const RegistryEntry& entry : sets) {
    const auto end = error + static_cast<std::ptrdiff_t>(entry.files.size());
    const auto found = std::find_if(error, end, [](const std::exception_ptr& one) { return one != nullptr; });
    first.push_back(found == end ? nullptr : *found);
    error = end;
  }
  return first;
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
