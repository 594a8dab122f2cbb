#include "results/record/foreign_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <stdexcept>

#include "core/io/csv.hpp"
#include "core/io/hdf5_file.hpp"
#include "core/io/sha256.hpp"
#include "results/record/run_file.hpp"
#include "results/record/run_ranges.hpp"
#include "results/record/run_writer.hpp"

namespace admmbench {
namespace {

namespace fs = std::filesystem;

constexpr const char* needed_names[] = {"experiment", "dataset", "label", "seed"};
const std::set<std::string> attribute_names{"experiment", "dataset", "label", "seed", "precision",
                                            "status",     "message", "host",  "cpu",  "started_at"};
/// Of files that `admmbench export` wrote: what an imported run has of its own, or cannot have.
const std::set<std::string> ignored_names{"solver", "profile"};
constexpr std::string_view parameter_prefix = "param.";

/// All that is wrong with a file, said at once.
class Complaints {
 public:
  explicit Complaints(fs::path file) : file_(std::move(file)) {}
  void add(std::string what) {
    if (std::find(found_.begin(), found_.end(), what) == found_.end()) found_.push_back(std::move(what));
  }
  void throw_if_any() const {
    if (found_.empty()) return;
    constexpr std::size_t shown = 8;
    std::string text = fmt::format("{}: cannot be imported:", file_.string());
    for (std::size_t i = 0; i < std::min(found_.size(), shown); ++i) text += "\n  " + found_[i];
    if (found_.size() > shown) text += fmt::format("\n  and {} more", found_.size() - shown);
    throw std::runtime_error(text);
  }

 private:
  fs::path file_;
  std::vector<std::string> found_;
};

/// One run as it is found: texts of its attributes, numbers of its columns.
struct ForeignRun {
  std::map<std::string, std::string> attributes;
  Trajectory trajectory;
};

std::optional<double> number(const std::string& text) {
  if (text.empty() || text == "nan" || text == "NaN" || text == "NA")
    return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf" || text == "Inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf" || text == "-Inf") return -std::numeric_limits<double>::infinity();
  double value = 0;
  const char* const begin = text.data() + (text.front() == '+' ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> whole(double value) {
  if (!(std::abs(value) < 9e15) || value != std::floor(value)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

bool is_attribute(const std::string& name) {
  return attribute_names.contains(name) || ignored_names.contains(name) || name.starts_with(parameter_prefix);
}

std::vector<double>& column_of(Trajectory& trajectory, const std::string& name) {
  for (auto& [known, values] : trajectory.columns)
    if (known == name) return values;
  return trajectory.columns.emplace_back(name, std::vector<double>()).second;
}

/// The runs of a CSV file in order of their first line, told apart by what they are called.
std::vector<ForeignRun> read_csv_runs(const fs::path& file, const ForeignNames& names,
                                      Complaints& complaints) {
  const std::vector<std::vector<std::string>> lines = parse_csv(read_text_file(file), file.string());
  if (lines.empty()) {
    complaints.add("is empty; expected a header and a line per record");
    return {};
  }
  const std::vector<std::string>& header = lines.front();
  for (auto name = header.begin(); name != header.end(); ++name) {
    if (name->empty()) complaints.add("a column has no name");
    if (std::find(header.begin(), name, *name) != name)
      complaints.add(fmt::format("two columns are called {}", *name));
  }
  complaints.throw_if_any();
  std::vector<ForeignRun> runs;
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    ForeignRun line;
    line.attributes = names;
    std::string identity;
    for (std::size_t c = 0; c < header.size(); ++c) {
      if (!is_attribute(header[c])) continue;
      line.attributes[header[c]] = lines[i][c];
      const bool tells_apart =
          std::find(std::begin(needed_names), std::end(needed_names), header[c]) != std::end(needed_names);
      if (tells_apart) identity += lines[i][c] + '\n';
    }
    const auto [place, fresh] = known.try_emplace(identity, runs.size());
    if (fresh) runs.push_back(line);
    ForeignRun& run = runs[place->second];
    for (const auto& [name, value] : line.attributes) {
      if (run.attributes[name] != value)
        complaints.add(fmt::format("record {}: {} is '{}', and '{}' before in the same run", i, name, value,
                                   run.attributes[name]));
    }
    for (std::size_t c = 0; c < header.size(); ++c) {
      if (is_attribute(header[c])) continue;
      const std::optional<double> value = number(lines[i][c]);
      if (!value)
        complaints.add(fmt::format("record {}: {} is '{}', expected a number", i, header[c], lines[i][c]));
      if (header[c] == "iteration") {
        const std::optional<std::int64_t> iteration = whole(value.value_or(-1));
        if (value && !iteration)
          complaints.add(fmt::format("record {}: iteration {} is no whole number", i, lines[i][c]));
        run.trajectory.iteration.push_back(iteration.value_or(-1));
      } else {
        column_of(run.trajectory, header[c]).push_back(value.value_or(0));
      }
    }
  }
  if (runs.empty()) complaints.add("has a header and no records");
  return runs;
}

ForeignRun read_hdf5_run(const fs::path& path, const ForeignNames& names, Complaints& complaints) {
  const Hdf5File file = Hdf5File::open(path);
  ForeignRun run;
  run.attributes = names;
  for (const std::string& name : attribute_names) {
    if (!file.has_attribute("/", name)) continue;
    try {
      run.attributes[name] =
          name == "seed" ? fmt::format("{}", file.read_integer("/", name)) : file.read_text("/", name);
    } catch (const std::exception& error) {
      complaints.add(error.what());
    }
  }
  const std::string group = file.exists("/trajectory") ? "/trajectory" : "/";
  for (const std::string& name : file.members(group)) {
    const std::string full = fmt::format("{}{}{}", group, group == "/" ? "" : "/", name);
    try {
      if (file.shape(full).size() != 1) continue;  // weights and the like
      std::vector<double> values = file.read_vector<double>(full);
      if (name == "iteration") {
        for (const double value : values) {
          const std::optional<std::int64_t> iteration = whole(value);
          if (!iteration) complaints.add(fmt::format("iteration {} is no whole number", value));
          run.trajectory.iteration.push_back(iteration.value_or(-1));
        }
      } else {
        run.trajectory.columns.emplace_back(name, std::move(values));
      }
    } catch (const std::exception& error) {
      complaints.add(error.what());
    }
  }
  for (const auto& [name, values] : run.trajectory.columns) {
    if (!run.trajectory.iteration.empty() && values.size() != run.trajectory.iteration.size())
      complaints.add(fmt::format("{} has {} entries, iteration has {}", name, values.size(),
                                 run.trajectory.iteration.size()));
  }
  return run;
}

/// As a text of YAML.
std::string quoted(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  text += '"';
  return text;
}

/// The configuration as it is stored: what it is called, and its parameters.
std::string config_text(const RunAttributes& a, const std::map<std::string, std::string>& found) {
  std::string params;
  for (const auto& [name, value] : found) {
    if (!name.starts_with(parameter_prefix) || value.empty()) continue;
    const std::optional<double> as_number = number(value);
    const bool plain = as_number && std::isfinite(*as_number);
    params += fmt::format("{}{}: {}", params.empty() ? "" : ", ", name.substr(parameter_prefix.size()),
                          plain ? value : quoted(value));
  }
  return fmt::format(
      "experiment: {}\nprecision: {}\ndataset: {{label: \"{}\"}}\nseed: {}\nsolver: {{name: {}, label: "
      "\"{}\", params: {{{}}}}}\n",
      a.experiment, a.precision, a.dataset, a.seed, imported_name, a.label, params);
}

std::string run_name(const std::map<std::string, std::string>& attributes) {
  std::string name;
  for (const char* const part : needed_names) {
    const auto found = attributes.find(part);
    if (found == attributes.end()) continue;
    if (!name.empty()) name += '/';
    name += found->second;
  }
  return name;
}

RunRecord to_record(ForeignRun run, const fs::path& file, Complaints& complaints) {
  const auto text = [&](const std::string& name, std::string otherwise = {}) {
    const auto found = run.attributes.find(name);
    return found == run.attributes.end() || found->second.empty() ? otherwise : found->second;
  };
  for (const char* const name : needed_names) {
    if (text(name).empty())
      complaints.add(fmt::format("no {0}; expected a column or attribute `{0}`, or --{0}", name));
  }
  if (run.trajectory.iteration.empty())
    complaints.add("no iteration; expected a column of whole numbers, 0 for the initial point");
  if (run.trajectory.columns.empty())
    complaints.add("no quantity; expected columns such as train_loss, test_accuracy, objective");

  RunRecord record;
  record.path = file;
  RunAttributes& a = record.attributes;
  a.experiment = text("experiment");
  a.dataset = text("dataset");
  a.label = text("label");
  a.solver = std::string(imported_name);
  if (const std::string seed = text("seed"); !seed.empty()) {
    const std::optional<double> value = number(seed);
    const std::optional<std::int64_t> as_whole = value ? whole(*value) : std::nullopt;
    if (!as_whole || *as_whole < 0)
      complaints.add(fmt::format("seed '{}'; expected a whole number >= 0", seed));
    a.seed = as_whole.value_or(0);
  }
  a.precision = text("precision", "float64");
  if (a.precision != "float32" && a.precision != "float64")
    complaints.add(fmt::format("precision '{}'; expected float32 or float64", a.precision));
  const std::optional<RunStatus> status = to_status(text("status", "completed"));
  if (!status)
    complaints.add(fmt::format("status '{}'; expected completed, stopped, diverged, failed or interrupted",
                               text("status")));
  a.status = status.value_or(RunStatus::completed);
  a.message = text("message", fmt::format("imported from {}", file.filename().string()));
  a.host = text("host", "unknown");
  a.cpu = text("cpu", "unknown");
  a.started_at = text("started_at");
  a.git_commit = "unknown";
  a.code_version = std::string(imported_name);
  record.trajectory = std::move(run.trajectory);
  for (auto& [name, values] : record.trajectory.columns)
    if (name == "seconds") name = "seconds_elsewhere";
  a.config = config_text(a, run.attributes);
  a.config_sha256 = sha256(a.config);
  try {
    record.config = read_run_config(a.config);
    check_ranges(record);
    for (const std::string* name : {&a.experiment, &a.dataset, &a.label})
      if (!name->empty() && (!is_safe_name(*name) || name->find('/') != std::string::npos))
        complaints.add(fmt::format("'{}' cannot be the name of a folder", *name));
    a.content_hash = sha256(a.config + record.trajectory_sha256());
  } catch (const std::exception& error) {
    complaints.add(fmt::format("{}: {}", run_name(run.attributes), error.what()));
  }
  return record;
}

fs::path place_of(const RunRecord& run, const fs::path& folder) {
  const RunAttributes& a = run.attributes;
  return folder / a.experiment / a.dataset / a.label / fmt::format("seed-{}.h5", a.seed);
}

}  // namespace

std::vector<RunRecord> read_foreign_runs(const fs::path& file, const ForeignNames& names) {
  Complaints complaints(file);
  const std::string ending = file.extension().string();
  const bool hdf5 = ending == ".h5" || ending == ".hdf5";
  if (!hdf5 && ending != ".csv")
    throw std::runtime_error(fmt::format("{}: expected a file .csv, .h5 or .hdf5", file.string()));
  std::vector<ForeignRun> found;
  if (hdf5) {
    found.push_back(read_hdf5_run(file, names, complaints));
  } else {
    found = read_csv_runs(file, names, complaints);
  }
  std::vector<RunRecord> runs;
  for (ForeignRun& run : found) runs.push_back(to_record(std::move(run), file, complaints));
  complaints.throw_if_any();
  return runs;
}

std::vector<fs::path> write_foreign_runs(const std::vector<RunRecord>& runs, const fs::path& folder,
                                         bool replace) {
  for (const RunRecord& run : runs) {
    const fs::path place = place_of(run, folder);
    const std::optional<RunAttributes> present = peek_run(place);
    if (!present || !is_complete(present->status) || present->content_hash == run.attributes.content_hash)
      continue;
    if (present->solver != imported_name)
      throw std::runtime_error(fmt::format(
          "{}: is a complete result of {}, which an import does not replace; allowed: another --label, "
          "--experiment or --out",
          place.string(), present->solver));
    if (!replace)
      throw std::runtime_error(
          fmt::format("{}: is another imported result; --force replaces it", place.string()));
  }
  std::vector<fs::path> written;
  for (const RunRecord& run : runs) {
    const fs::path place = place_of(run, folder);
    fs::create_directories(place.parent_path());
    RunWriter writer(place);
    writer.write_trajectory(run.trajectory);
    writer.write_attributes(run.attributes);
    writer.commit();
    written.push_back(place);
  }
  return written;
}

}  // namespace admmbench
