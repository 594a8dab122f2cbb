#include "results/record/verify_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/io/sha256.hpp"
#include "results/record/run_file.hpp"
#include "results/record/run_ranges.hpp"
#include "results/record/run_set.hpp"
#include "results/record/run_summary.hpp"

namespace admmbench {

namespace fs = std::filesystem;

namespace {

/// What a process writes beside results while it works, and leaves when it is killed.
bool is_leftover(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::string ending = path.extension().string();
  return name.starts_with(".seed-") || name.starts_with(".point-") || ending == ".part" || ending == ".tmp" ||
         ending == ".claim" || ending == ".checkpoint";
}

/// Runs of a search lie beside the results that they led to.
bool is_search_run(const fs::path& path) {
  return path.extension() == ".h5" && path.filename().string().starts_with("point-");
}

struct Files {
  std::vector<fs::path> results, searches, leftovers;
};

Files files_under(const std::vector<fs::path>& roots) {
  Files files;
  files.results = find_runs(roots);
  for (const fs::path& root : roots) {
    if (!fs::is_directory(root)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (!entry.is_regular_file()) continue;
      if (is_leftover(entry.path())) {
        files.leftovers.push_back(entry.path());
      } else if (is_search_run(entry.path())) {
        files.searches.push_back(entry.path());
      }
    }
  }
  std::sort(files.searches.begin(), files.searches.end());
  std::sort(files.leftovers.begin(), files.leftovers.end());
  return files;
}

class Verifier {
 public:
  /// Reads `paths`; keeps the end of each that is whole.
  std::vector<RunRecord> read(const std::vector<fs::path>& paths) {
    std::vector<RunRecord> runs;
    const std::vector<std::string> wrong = examine_runs(paths);
    for (std::size_t i = 0; i < paths.size(); ++i) {
      if (!wrong[i].empty()) {
        add(TreeFinding::Kind::damaged, paths[i], wrong[i]);
        continue;
      }
      RunRecord run = summarize_run(read_examined_run(paths[i]));
      ++report.results;
      const RunAttributes& a = run.attributes;
      if (!a.config_sha256.empty() && a.config_sha256 != sha256(a.config))
        add(TreeFinding::Kind::damaged, paths[i], "its configuration is not what config_sha256 was made of");
      if (a.status == RunStatus::failed || a.status == RunStatus::interrupted)
        add(TreeFinding::Kind::incomplete, paths[i], fmt::format("{}: {}", to_string(a.status), a.message));
      runs.push_back(std::move(run));
    }
    return runs;
  }

  /// <experiment>/<data set>/<label>/seed-<s>.h5
  void check_place(const RunRecord& run) {
    const RunAttributes& a = run.attributes;
    const fs::path right = fs::path(a.experiment) / a.dataset / a.label / fmt::format("seed-{}.h5", a.seed);
    const fs::path full = fs::absolute(run.path).lexically_normal();
    if (!full.string().ends_with("/" + right.string()))
      add(TreeFinding::Kind::misplaced, run.path, fmt::format("is {}", right.string()));
  }

  void check_cells(const std::vector<RunRecord>& runs) {
    using Group = std::pair<std::string, std::string>;  // experiment, profile
    using Cell = std::tuple<std::string, std::string, std::string, std::string>;
    std::map<Group, std::set<std::int64_t>> seeds;
    std::map<Cell, std::vector<const RunRecord*>> cells;
    for (const RunRecord& run : runs) {
      const RunAttributes& a = run.attributes;
      seeds[{a.experiment, run.config.profile}].insert(a.seed);
      cells[{a.experiment, run.config.profile, a.dataset, a.label}].push_back(&run);
    }
    for (const auto& [cell, members] : cells) {
      const RunRecord& first = *members.front();
      std::set<std::int64_t> missing = seeds[{std::get<0>(cell), std::get<1>(cell)}];
      for (const RunRecord* member : members) {
        missing.erase(member->attributes.seed);
        const std::vector<std::string> differing = differences_beyond_seed(first, *member);
        if (differing.empty()) continue;
        add(TreeFinding::Kind::mixed, member->path,
            fmt::format("differs from {} in {}", first.path.string(), fmt::join(differing, ", ")));
      }
      if (!missing.empty())
        add(TreeFinding::Kind::missing, first.path.parent_path(),
            fmt::format("no seed {}", fmt::join(missing, ", ")));
    }
  }

  void add(TreeFinding::Kind kind, const fs::path& where, std::string what) {
    const std::string name = where.string() + ": ";
    if (what.starts_with(name)) what.erase(0, name.size());
    report.findings.push_back({kind, where, plain_line(std::move(what))});
  }

  TreeReport report;
};

}  // namespace

std::string to_string(TreeFinding::Kind kind) {
  switch (kind) {
    case TreeFinding::Kind::damaged:
      return "damaged";
    case TreeFinding::Kind::misplaced:
      return "misplaced";
    case TreeFinding::Kind::mixed:
      return "mixed";
    case TreeFinding::Kind::missing:
      return "missing";
    case TreeFinding::Kind::incomplete:
      return "incomplete";
    case TreeFinding::Kind::leftover:
      break;
  }
  return "leftover";
}

TreeReport verify_tree(const std::vector<fs::path>& roots) {
  const Files files = files_under(roots);
  Verifier verifier;
  const std::vector<RunRecord> runs = verifier.read(files.results);
  for (const RunRecord& run : runs) verifier.check_place(run);
  verifier.check_cells(runs);
  verifier.read(files.searches);
  for (const fs::path& path : files.leftovers)
    verifier.add(TreeFinding::Kind::leftover, path,
                 "of a run that is being made, or of a process that is dead");
  return std::move(verifier.report);
}

}  // namespace admmbench
