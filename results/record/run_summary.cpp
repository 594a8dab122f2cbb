#include "results/record/run_summary.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <ostream>
#include <stdexcept>
#include <string_view>

#include "core/io/csv.hpp"
#include "core/io/sha256.hpp"

namespace admmbench {

namespace {

constexpr std::string_view grid_prefix = "grid.";

/// One declaration of the text columns that every summary has, for writer and reader.
template <class Run, class Text>
void visit_texts(Run& run, Text text) {
  text("experiment", run.experiment);
  text("profile", run.profile);
  text("dataset", run.dataset);
  text("solver", run.solver);
  text("label", run.label);
  text("precision", run.precision);
  text("status", run.status);
  text("message", run.message);
  text("config_sha256", run.config_sha256);
  text("content_hash", run.content_hash);
  text("code_version", run.code_version);
  text("data_sha256", run.data_sha256);
  text("trajectory_sha256", run.trajectory_sha256);
  text("git_commit", run.git_commit);
  text("host", run.host);
  text("started_at", run.started_at);
}

template <class Run, class Integer>
void visit_integers(Run& run, Integer integer) {
  integer("seed", run.seed);
  integer("iterations", run.iterations);
  integer("threads", run.threads);
}

std::string trajectory_digest(const Trajectory& trajectory) {
  std::string bytes;
  const auto add = [&](const std::string& name, const auto& values) {
    bytes += name + '\n';
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
  };
  add("iteration", trajectory.iteration);
  std::vector<const std::pair<std::string, std::vector<double>>*> columns;
  for (const auto& column : trajectory.columns) {
    if (column.first != "seconds") columns.push_back(&column);
  }
  std::sort(columns.begin(), columns.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  for (const auto* column : columns) add(column->first, column->second);
  return sha256(bytes);
}

/// Names of `pairs` of all runs, in order of appearance.
template <class Pairs>
std::vector<std::string> names(const std::vector<RunSummary>& runs, Pairs RunSummary::*pairs) {
  std::vector<std::string> found;
  for (const RunSummary& run : runs) {
    for (const auto& pair : run.*pairs) {
      if (std::find(found.begin(), found.end(), pair.first) == found.end()) found.push_back(pair.first);
    }
  }
  return found;
}

template <class Value>
const Value* find_in(const std::vector<std::pair<std::string, Value>>& pairs, const std::string& name) {
  const auto found =
      std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first == name; });
  return found == pairs.end() ? nullptr : &found->second;
}

double parse_number(const std::string& text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Inf" || text == "-Inf") {
    return text.front() == '-' ? -std::numeric_limits<double>::infinity()
                               : std::numeric_limits<double>::infinity();
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::runtime_error(fmt::format("'{}' is not a number", text));
  }
  return value;
}

std::int64_t parse_integer(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::runtime_error(fmt::format("'{}' is not a whole number", text));
  }
  return value;
}

/// Puts the field `text` of column `name` into `run`.
void set_field(RunSummary& run, const std::string& name, const std::string& text) {
  bool known = false;
  visit_texts(run, [&](const char* column, std::string& value) {
    if (name != column) return;
    value = text;
    known = true;
  });
  visit_integers(run, [&](const char* column, std::int64_t& value) {
    if (name != column) return;
    value = parse_integer(text);
    known = true;
  });
  if (name == "file") {
    run.file = text;
  } else if (known || text.empty()) {
    return;
  } else if (name.starts_with(grid_prefix)) {
    run.grid.emplace_back(name.substr(grid_prefix.size()), text);
  } else {
    run.last.emplace_back(name, parse_number(text));
  }
}

}  // namespace

std::optional<double> RunSummary::find(const std::string& column) const {
  const double* found = find_in(last, column);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

RunSummary summarize_run(const RunRecord& run) {
  RunSummary result;
  const RunAttributes& a = run.attributes;
  result.experiment = a.experiment;
  result.dataset = a.dataset;
  result.solver = a.solver;
  result.label = a.label;
  result.seed = a.seed;
  result.precision = a.precision;
  result.status = to_string(a.status);
  result.message = a.message;
  result.config_sha256 = a.config_sha256;
  result.content_hash = a.content_hash;
  result.code_version = a.code_version;
  result.data_sha256 = a.data_sha256;
  result.git_commit = a.git_commit;
  result.host = a.host;
  result.threads = a.threads;
  result.started_at = a.started_at;
  result.file = run.path;
  result.trajectory_sha256 = trajectory_digest(run.trajectory);
  if (!run.trajectory.iteration.empty()) result.iterations = run.trajectory.iteration.back();
  for (const auto& [name, values] : run.trajectory.columns) {
    if (!values.empty()) result.last.emplace_back(name, values.back());
  }
  try {
    const YAML::Node config = YAML::Load(a.config);
    if (config.IsMap() && config["profile"]) result.profile = config["profile"].as<std::string>();
    if (config.IsMap() && config["grid"]) {
      for (const auto& parameter : config["grid"]) {
        result.grid.emplace_back(parameter.first.as<std::string>(), parameter.second.as<std::string>());
      }
    }
  } catch (const YAML::Exception& error) {
    throw std::runtime_error(
        fmt::format("{}: attribute config is not readable: {}", run.path.string(), error.what()));
  }
  return result;
}

std::string csv_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Inf" : "-Inf";
  return fmt::format("{}", value);
}

std::vector<std::string> grid_parameters(const std::vector<RunSummary>& runs) {
  return names(runs, &RunSummary::grid);
}

void write_summaries(std::ostream& out, const std::vector<RunSummary>& runs) {
  const std::vector<std::string> grid = grid_parameters(runs);
  const std::vector<std::string> columns = names(runs, &RunSummary::last);
  std::string header;
  const RunSummary none;
  visit_integers(none, [&](const char* name, std::int64_t) { header += fmt::format("{},", name); });
  visit_texts(none, [&](const char* name, const std::string&) { header += fmt::format("{},", name); });
  for (const std::string& name : grid) header += csv_field(std::string(grid_prefix) + name) + ",";
  for (const std::string& name : columns) header += csv_field(name) + ",";
  out << header << "file\n";
  for (const RunSummary& run : runs) {
    visit_integers(run, [&](const char*, std::int64_t value) { fmt::print(out, "{},", value); });
    visit_texts(run, [&](const char*, const std::string& value) { out << csv_field(value) << ','; });
    for (const std::string& name : grid) {
      const std::string* value = find_in(run.grid, name);
      out << (value == nullptr ? "" : csv_field(*value)) << ',';
    }
    for (const std::string& name : columns) {
      const double* value = find_in(run.last, name);
      out << (value == nullptr ? "" : csv_number(*value)) << ',';
    }
    out << csv_field(run.file.string()) << '\n';
  }
}

bool is_summary_header(const std::vector<std::string>& header) {
  const auto has = [&](const char* name) {
    return std::find(header.begin(), header.end(), name) != header.end();
  };
  return has("dataset") && has("label") && has("seed") && has("status") && has("trajectory_sha256");
}

std::vector<RunSummary> read_summaries(const std::string& text, const std::string& source) {
  const std::vector<std::vector<std::string>> rows = parse_csv(text, source);
  if (rows.empty() || !is_summary_header(rows.front())) {
    throw std::runtime_error(
        fmt::format("{}: is not what `admmbench export --summary` writes: its header has no dataset, label, "
                    "seed, status, trajectory_sha256",
                    source));
  }
  std::vector<RunSummary> runs;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    RunSummary run;
    for (std::size_t j = 0; j < rows[i].size(); ++j) {
      try {
        set_field(run, rows.front()[j], rows[i][j]);
      } catch (const std::runtime_error& error) {
        throw std::runtime_error(
            fmt::format("{}: row {}, column {}: {}", source, i, rows.front()[j], error.what()));
      }
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

void write_long_header(std::ostream& out, const std::vector<std::string>& grid) {
  out << "experiment,profile,dataset,solver,label,seed,status,";
  for (const std::string& name : grid) out << csv_field(std::string(grid_prefix) + name) << ',';
  out << "iteration,quantity,value\n";
}

void write_long(std::ostream& out, const RunRecord& run, const std::vector<std::string>& grid,
                const std::vector<std::string>& quantities) {
  const RunSummary summary = summarize_run(run);
  std::string prefix;
  for (const std::string* text :
       {&summary.experiment, &summary.profile, &summary.dataset, &summary.solver, &summary.label}) {
    prefix += csv_field(*text) + ",";
  }
  prefix += fmt::format("{},{},", summary.seed, summary.status);
  for (const std::string& name : grid) {
    const std::string* value = find_in(summary.grid, name);
    prefix += (value == nullptr ? "" : csv_field(*value)) + ",";
  }
  for (const auto& [name, values] : run.trajectory.columns) {
    if (!quantities.empty() && std::find(quantities.begin(), quantities.end(), name) == quantities.end())
      continue;
    const std::string quantity = csv_field(name);
    for (std::size_t i = 0; i < values.size(); ++i) {
      out << prefix << run.trajectory.iteration[i] << ',' << quantity << ',' << csv_number(values[i]) << '\n';
    }
  }
}

}  // namespace admmbench
