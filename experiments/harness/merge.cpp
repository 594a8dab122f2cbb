#include "experiments/harness/merge.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "core/io/csv.hpp"
#include "core/io/temporary.hpp"
#include "experiments/harness/run/checkpoint.hpp"
#include "experiments/harness/run/claim.hpp"
#include "results/record/run_file.hpp"
#include "results/record/run_set.hpp"
#include "results/record/run_summary.hpp"

namespace admmbench {

namespace fs = std::filesystem;

namespace {

using MergeKind = MergedFile::Kind;

/// What tells a file from one that took its place; empty: there is none.
std::string stamp_of_file(const fs::path& file) {
  struct stat state {};
  if (stat(file.c_str(), &state) != 0) return {};
  return fmt::format("{} {} {}.{}", state.st_ino, state.st_size, state.st_mtim.tv_sec, state.st_mtim.tv_nsec);
}

/// Copies `from` under a temporary name and renames it to `to`, replacing what is there.
void copy_whole(const fs::path& from, const fs::path& to) {
  fs::create_directories(to.parent_path());
  const int source = open(from.c_str(), O_RDONLY | O_CLOEXEC);
  if (source < 0)
    throw std::runtime_error(fmt::format("{}: cannot be read: {}", from.string(), std::strerror(errno)));
  int error = 0;
  Temporary copy(to);
  std::vector<char> block(std::size_t{1} << 20);
  for (ssize_t length = 0; error == 0 && (length = read(source, block.data(), block.size())) != 0;) {
    if (length < 0) {
      if (errno != EINTR) error = errno;
      continue;
    }
    for (ssize_t done = 0; error == 0 && done < length;) {
      const ssize_t n =
          write(copy.descriptor(), block.data() + done, static_cast<std::size_t>(length - done));
      if (n > 0) {
        done += n;
      } else if (n == 0 || errno != EINTR) {
        error = n == 0 ? ENOSPC : errno;
      }
    }
  }
  close(source);
  if (error != 0)
    throw std::runtime_error(
        fmt::format("{}: cannot be copied to {}: {}", from.string(), to.string(), std::strerror(error)));
  copy.publish();
}

/// How much a result is worth beside another of the same run.
std::pair<int, std::int64_t> worth(const RunRecord& run) {
  constexpr int complete = 3;
  const RunStatus status = run.attributes.status;
  if (is_complete(status)) return {complete, 0};
  return {status == RunStatus::interrupted ? 2 : 1, run.iterations()};
}

/// "objective of iteration 7", the first record in which two trajectories differ, in time order.
std::string first_difference(const RunRecord& a, const RunRecord& b) {
  const Trajectory& x = a.trajectory;
  const Trajectory& y = b.trajectory;
  for (std::size_t i = 0; i < std::min(x.iteration.size(), y.iteration.size()); ++i) {
    for (const auto& [name, values] : x.columns) {
      const std::vector<double>* others = y.find(name);
      if (name == "seconds" || others == nullptr) continue;
      if (std::bit_cast<std::uint64_t>(values[i]) != std::bit_cast<std::uint64_t>((*others)[i]))
        return fmt::format("{} of iteration {}: {} and {}", name, x.iteration[i], values[i], (*others)[i]);
    }
  }
  return "the records end or are called otherwise";
}

/// A run of its own, or one of a search, which lies in tuning/ beside those that it led to.
bool is_result(const fs::path& path) {
  const std::string name = path.filename().string();
  return path.extension() == ".h5" && (name.starts_with("seed-") || name.starts_with("point-"));
}

/// How many folders above it a file has that its place is made of; 0: not a file to merge.
int folders_of_text(const fs::path& path) {
  const fs::path name = path.filename();
  return name == "tuning.json" ? 3 : name == "presentation.yaml" ? 1 : 0;
}

/// The last `folders` folders of `path`, and its name.
fs::path tail_of(const fs::path& path, int folders) {
  fs::path full = fs::absolute(path).lexically_normal();
  fs::path tail = full.filename();
  for (; folders > 0; --folders) {
    full = full.parent_path();
    tail = full.filename() / tail;
  }
  return tail;
}

struct MergeSource {
  std::vector<fs::path> results, texts;
};

MergeSource files_of(const fs::path& root) {
  MergeSource found;
  if (!fs::exists(root)) throw std::runtime_error(fmt::format("{}: there is no such folder", root.string()));
  const auto take = [&](const fs::path& path) {
    if (is_result(path)) found.results.push_back(path);
    if (folders_of_text(path) > 0) found.texts.push_back(path);
  };
  if (fs::is_directory(root)) {
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.is_regular_file()) take(entry.path());
    }
  } else {
    take(root);
  }
  if (found.results.empty()) throw std::runtime_error(fmt::format("{}: no result files", root.string()));
  std::sort(found.results.begin(), found.results.end());
  std::sort(found.texts.begin(), found.texts.end());
  return found;
}

/// Where a run of these names lies; throws std::runtime_error if the names lead elsewhere.
fs::path place_of(const RunRecord& run) {
  const RunAttributes& a = run.attributes;
  fs::path place = run.path.filename().string().starts_with("point-")
                       ? tail_of(run.path, 4)
                       : fs::path(a.experiment) / a.dataset / a.label / fmt::format("seed-{}.h5", a.seed);
  const auto leads_elsewhere = [](const fs::path& part) {
    return part == ".." || part == "/" || part.empty();
  };
  if (std::any_of(place.begin(), place.end(), leads_elsewhere))
    throw std::runtime_error(
        fmt::format("{}: the names of experiment, data set and method are no folders", run.path.string()));
  return place;
}

bool lies_in(const fs::path& inner, const fs::path& outer) {
  const auto [end, rest] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  static_cast<void>(rest);
  return end == outer.end();
}

class Merger {
 public:
  Merger(fs::path into, bool dry_run) : into_(std::move(into)), dry_run_(dry_run) {}

  void add(const MergeSource& source) {
    const std::vector<std::string> wrong = examine_runs(source.results);
    for (std::size_t i = 0; i < source.results.size(); ++i) {
      const fs::path& from = source.results[i];
      try {
        if (!wrong[i].empty()) throw std::runtime_error(wrong[i]);
        const std::string stamp = stamp_of_file(from);
        RunRecord run = read_examined_run(from);
        const fs::path place = into_ / place_of(run);
        merge_run(run, stamp, place);
      } catch (const Unwritable& error) {
        throw std::runtime_error(error.what());
      } catch (const std::exception& error) {
        note(MergeKind::damaged, from, {}, error.what());
      }
    }
    for (const fs::path& from : source.texts) merge_text(from);
  }

  std::vector<MergedFile> files;

 private:
  /// An error of the folder that is written to, which ends all.
  struct Unwritable : std::runtime_error {
    using std::runtime_error::runtime_error;
  };

  /// The file that has or, in a dry run, would have the place; empty: none.
  fs::path holder_of(const fs::path& place) const {
    const auto planned = planned_.find(place);
    if (planned != planned_.end()) return planned->second;
    return fs::exists(place) ? place : fs::path();
  }

  void merge_run(const RunRecord& run, const std::string& stamp, const fs::path& place) {
    const fs::path holder = holder_of(place);
    if (holder.empty()) {
      write(MergeKind::copied, run, stamp, place, "", "");
      return;
    }
    const std::string there = stamp_of_file(holder);
    const std::string wrong = examine_runs({holder}).front();
    if (!wrong.empty()) {
      write(MergeKind::replaced, run, stamp, place, there, "what was there is damaged: " + wrong);
      return;
    }
    const RunRecord other = read_examined_run(holder);
    if (!same_run(other, run)) {
      note(MergeKind::conflict, run.path, place, difference_text(other, run));
      return;
    }
    const std::string now = to_string(run.attributes.status);
    const std::string before = to_string(other.attributes.status);
    if (worth(run) > worth(other)) {
      write(MergeKind::replaced, run, stamp, place, there,
            before == now
                ? fmt::format("{} after {} iterations, not {}", now, run.iterations(), other.iterations())
                : fmt::format("is {}, what was there {}", now, before));
    } else if (worth(run) < worth(other)) {
      note(MergeKind::kept, run.path, place, fmt::format("is {}, what is there {}", now, before));
    } else if (run.trajectory_sha256() == other.trajectory_sha256()) {
      note(MergeKind::same, run.path, place, "");
    } else {
      const RunAttributes& a = other.attributes;
      const RunAttributes& b = run.attributes;
      note(MergeKind::other_bits, run.path, place,
           fmt::format("{}; {}, {} threads and {}, {} threads", first_difference(other, run), a.cpu,
                       a.threads, b.cpu, b.threads));
    }
  }

  static std::string difference_text(const RunRecord& there, const RunRecord& run) {
    std::vector<std::string> differing = differences_beyond_seed(there, run);
    if (differing.empty()) {
      constexpr std::size_t shown = 12;
      differing.push_back(fmt::format("content hash: {} and {}",
                                      there.attributes.content_hash.substr(0, shown),
                                      run.attributes.content_hash.substr(0, shown)));
    }
    return fmt::format("differs in {}", fmt::join(differing, "; "));
  }

  /// `there`: the stamp of what `place` held.
  void write(MergeKind kind, const RunRecord& run, const std::string& stamp, const fs::path& place,
             const std::string& there, const std::string& why) {
    const fs::path& from = run.path;
    if (dry_run_) {
      planned_[place] = from;
      note(kind, from, place, why);
      return;
    }
    try {
      const std::optional<RunClaim> claim = RunClaim::take(place, watch_);
      if (!claim) {
        note(MergeKind::busy, from, place, "is being made there");
        return;
      }
      if (stamp_of_file(place) != there || stamp_of_file(from) != stamp) {
        note(MergeKind::busy, from, place, "changed meanwhile");
        return;
      }
      const fs::path checkpoint = checkpoint_file(from);
      const bool goes_on =
          !is_complete(run.attributes.status) && checkpoint_hash(checkpoint) == run.attributes.content_hash;
      if (goes_on) copy_whole(checkpoint, checkpoint_file(place));
      copy_whole(from, place);
    } catch (const std::exception& error) {
      throw Unwritable(error.what());
    }
    note(kind, from, place, why);
  }

  void merge_text(const fs::path& from) {
    const fs::path place = into_ / tail_of(from, folders_of_text(from));
    const fs::path holder = holder_of(place);
    if (holder.empty()) {
      if (dry_run_) {
        planned_[place] = from;
      } else {
        copy_whole(from, place);
      }
      note(MergeKind::copied, from, place, "");
    } else if (read_text_file(holder) == read_text_file(from)) {
      note(MergeKind::same, from, place, "");
    } else {
      note(MergeKind::kept, from, place, "says something else");
    }
  }

  void note(MergeKind kind, const fs::path& from, const fs::path& place, std::string what) {
    const std::string name = from.string() + ": ";
    if (what.starts_with(name)) what.erase(0, name.size());
    std::replace(what.begin(), what.end(), '\n', ' ');
    files.push_back({kind, from, place, std::move(what)});
  }

  fs::path into_;
  bool dry_run_;
  ClaimWatch watch_;
  std::map<fs::path, fs::path> planned_;  ///< of a dry run: places, and the files that would have them
};

}  // namespace

std::string to_string(MergedFile::Kind kind) {
  switch (kind) {
    case MergeKind::copied:
      return "copied";
    case MergeKind::same:
      return "there already";
    case MergeKind::replaced:
      return "replaced";
    case MergeKind::kept:
      return "kept";
    case MergeKind::other_bits:
      return "other bits";
    case MergeKind::conflict:
      return "conflict";
    case MergeKind::damaged:
      return "damaged";
    case MergeKind::busy:
      break;
  }
  return "busy";
}

bool needs_attention(MergedFile::Kind kind) {
  return kind == MergeKind::conflict || kind == MergeKind::damaged || kind == MergeKind::busy;
}

std::vector<MergedFile> merge_results(const std::vector<fs::path>& from, const fs::path& into, bool dry_run) {
  std::vector<MergeSource> sources;
  const fs::path target = fs::weakly_canonical(into);
  for (const fs::path& root : from) {
    const fs::path source = fs::weakly_canonical(root);
    if (lies_in(source, target) || lies_in(target, source))
      throw std::invalid_argument(
          fmt::format("{} and {} lie in one another: nothing to merge", root.string(), into.string()));
    sources.push_back(files_of(root));
  }
  Merger merger(into, dry_run);
  for (const MergeSource& source : sources) merger.add(source);
  return std::move(merger.files);
}

}  // namespace admmbench
