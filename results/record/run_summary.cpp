#include "results/record/run_summary.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <ostream>
#include <stdexcept>
#include <string_view>

#include "core/io/csv.hpp"
#include "results/record/find_or_add.hpp"
#include "results/record/run_ranges.hpp"

namespace admmbench {

namespace {

constexpr std::string_view grid_prefix = "grid.";

/// One declaration of the columns that every summary has, for writer and reader: visit(name, field).
template <class Run, class Visit>
void visit_fields(Run& run, Visit visit) {
  visit("seed", run.attributes.seed);
  visit("iterations", run.end.iterations);
  visit("threads", run.attributes.threads);
  visit("train_samples", run.attributes.samples.train);
  visit("val_samples", run.attributes.samples.validation);
  visit("test_samples", run.attributes.samples.test);
  visit("experiment", run.attributes.experiment);
  visit("profile", run.config.profile);
  visit("dataset", run.attributes.dataset);
  visit("solver", run.attributes.solver);
  visit("label", run.attributes.label);
  visit("precision", run.attributes.precision);
  visit("status", run.attributes.status);
  visit("message", run.attributes.message);
  visit("config_sha256", run.attributes.config_sha256);
  visit("settings_sha256", run.config.settings_sha256);
  visit("content_hash", run.attributes.content_hash);
  visit("code_version", run.attributes.code_version);
  visit("data_sha256", run.attributes.data_sha256);
  visit("trajectory_sha256", run.end.trajectory_sha256);
  visit("git_commit", run.attributes.git_commit);
  visit("host", run.attributes.host);
  visit("started_at", run.attributes.started_at);
}

std::string field_text(const std::string& value) { return csv_field(value); }
std::string field_text(std::int64_t value) { return fmt::format("{}", value); }
std::string field_text(RunStatus value) { return to_string(value); }

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

void parse_field(const std::string& text, std::string& value) { value = text; }

void parse_field(const std::string& text, std::int64_t& value) {
  if (text.empty()) return;  // an older summary's run did not record it
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::runtime_error(fmt::format("'{}' is not a whole number", text));
  }
}

void parse_field(const std::string& text, RunStatus& value) {
  const std::optional<RunStatus> status = to_status(text);
  if (!status) throw std::runtime_error(fmt::format("'{}' is no status of a run", text));
  value = *status;
}

/// Puts the field `text` of column `name` into `run`.
void set_field(RunRecord& run, const std::string& name, const std::string& text) {
  bool known = false;
  visit_fields(run, [&](const char* column, auto& value) {
    if (name != column) return;
    parse_field(text, value);
    known = true;
  });
  if (name == "file") {
    run.path = text;
  } else if (known || text.empty()) {
    return;
  } else if (name.starts_with(grid_prefix)) {
    run.config.grid.emplace_back(name.substr(grid_prefix.size()), text);
  } else {
    run.end.last.emplace_back(name, parse_number(text));
  }
}

template <class Value>
const Value* find_in(const std::vector<std::pair<std::string, Value>>& pairs, const std::string& name) {
  const auto found =
      std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first == name; });
  return found == pairs.end() ? nullptr : &found->second;
}

/// The run's values of the parameters `grid`, each with a comma behind it.
std::string grid_fields(const RunRecord& run, const std::vector<std::string>& grid) {
  std::string text;
  for (const std::string& name : grid) {
    const std::string* value = find_in(run.config.grid, name);
    text += (value == nullptr ? "" : csv_field(*value)) + ",";
  }
  return text;
}

/// Indices of `points` of `count` entries, or of all.
std::vector<std::size_t> evenly_chosen(std::size_t count, std::size_t points) {
  const std::size_t kept = points == 0 ? count : std::min(count, points);
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < kept; ++i) {
    const double share = kept == 1 ? 1 : static_cast<double>(i) / static_cast<double>(kept - 1);
    chosen.push_back(static_cast<std::size_t>(std::lround(share * static_cast<double>(count - 1))));
  }
  return chosen;
}

}  // namespace

RunRecord summarize_run(RunRecord run) {
  run.end = {run.iterations(), run.last_entries(), run.trajectory_sha256()};
  run.trajectory = {};
  return run;
}

std::string csv_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Inf" : "-Inf";
  return fmt::format("{}", value);
}

std::vector<std::string> grid_parameters(const std::vector<RunRecord>& runs) {
  std::vector<std::string> names;
  for (const RunRecord& run : runs) {
    for (const auto& parameter : run.config.grid) find_or_add(names, parameter.first);
  }
  return names;
}

std::vector<std::string> recorded_quantities(const std::vector<RunRecord>& runs) {
  std::vector<std::string> columns;
  for (const RunRecord& run : runs) {
    for (const auto& entry : run.end.last) find_or_add(columns, entry.first);
  }
  return columns;
}

void write_summaries(std::ostream& out, const std::vector<RunRecord>& runs) {
  const std::vector<std::string> grid = grid_parameters(runs);
  const std::vector<std::string> columns = recorded_quantities(runs);
  std::string header;
  const RunRecord none;
  visit_fields(none, [&](const char* name, const auto&) { header += fmt::format("{},", name); });
  for (const std::string& name : grid) header += csv_field(std::string(grid_prefix) + name) + ",";
  for (const std::string& name : columns) header += csv_field(name) + ",";
  out << header << "file\n";
  for (const RunRecord& run : runs) {
    visit_fields(run, [&](const char*, const auto& value) { out << field_text(value) << ','; });
    out << grid_fields(run, grid);
    for (const std::string& name : columns) {
      const double* value = find_in(run.end.last, name);
      out << (value == nullptr ? "" : csv_number(*value)) << ',';
    }
    out << csv_field(run.path.string()) << '\n';
  }
}

bool is_summary_header(const std::vector<std::string>& header) {
  const auto has = [&](const char* name) {
    return std::find(header.begin(), header.end(), name) != header.end();
  };
  return has("dataset") && has("label") && has("seed") && has("status") && has("trajectory_sha256");
}

std::vector<RunRecord> read_summaries(const std::string& text, const std::string& source) {
  const std::vector<std::vector<std::string>> rows = parse_csv(text, source);
  if (rows.empty() || !is_summary_header(rows.front())) {
    throw std::runtime_error(
        fmt::format("{}: is not what `admmbench export --summary` writes: its header has no dataset, label, "
                    "seed, status, trajectory_sha256",
                    source));
  }
  std::vector<RunRecord> runs;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    RunRecord run;
    run.kept = true;
    for (std::size_t j = 0; j < rows[i].size(); ++j) {
      try {
        set_field(run, rows.front()[j], rows[i][j]);
      } catch (const std::runtime_error& error) {
        throw std::runtime_error(
            fmt::format("{}: row {}, column {}: {}", source, i, rows.front()[j], error.what()));
      }
    }
    try {
      check_names(run);
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(fmt::format("{}: row {}: {}", source, i, error.what()));
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

bool is_curves_header(const std::vector<std::string>& header) {
  const auto has = [&](const char* name) {
    return std::find(header.begin(), header.end(), name) != header.end();
  };
  return has("dataset") && has("label") && has("seed") && has("status") && has("iteration") &&
         !has("quantity") && !has("trajectory_sha256");
}

std::vector<RunRecord> read_curves(const std::string& text, const std::string& source) {
  const std::vector<std::vector<std::string>> rows = parse_csv(text, source);
  if (rows.empty() || !is_curves_header(rows.front()))
    throw std::runtime_error(source + ": is not what `admmbench export --wide` writes");
  const std::vector<std::string>& header = rows.front();
  const auto first = static_cast<std::size_t>(
      std::distance(header.begin(), std::find(header.begin(), header.end(), "iteration")));
  std::vector<RunRecord> runs;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::vector<std::string>& row = rows[i];
    const bool goes_on = i > 1 && std::equal(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(first),
                                             rows[i - 1].begin());
    std::size_t j = 0;
    try {
      if (!goes_on) {
        RunRecord run;
        run.kept = true;
        for (; j < first; ++j) set_field(run, header[j], row[j]);
        for (std::size_t c = first + 1; c < header.size(); ++c) {
          if (!row[c].empty()) run.trajectory.columns.emplace_back(header[c], std::vector<double>{});
        }
        runs.push_back(std::move(run));
      }
      Trajectory& trajectory = runs.back().trajectory;
      j = first;
      std::int64_t iteration = 0;
      parse_field(row[j], iteration);
      if (!trajectory.iteration.empty() && iteration <= trajectory.iteration.back())
        throw std::runtime_error("a run's iterations must increase");
      trajectory.iteration.push_back(iteration);
      for (auto& [name, values] : trajectory.columns) {
        j = static_cast<std::size_t>(
            std::distance(header.begin(), std::find(header.begin(), header.end(), name)));
        values.push_back(parse_number(row[j]));
      }
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(fmt::format("{}: row {}, column {}: {}", source, i, header[j], error.what()));
    }
  }
  return runs;
}

std::optional<RunRecord> ended_at(RunRecord run, std::int64_t iteration) {
  Trajectory& trajectory = run.trajectory;
  const auto found = std::find(trajectory.iteration.begin(), trajectory.iteration.end(), iteration);
  if (found == trajectory.iteration.end()) return std::nullopt;
  const auto kept = static_cast<std::size_t>(std::distance(trajectory.iteration.begin(), found)) + 1;
  trajectory.iteration.resize(kept);
  for (auto& column : trajectory.columns) column.second.resize(kept);
  run.end = {};
  return run;
}

void write_records_header(std::ostream& out, const RecordLines& lines) {
  out << "experiment,profile,dataset,solver,label,seed,status,";
  for (const std::string& name : lines.grid) out << csv_field(std::string(grid_prefix) + name) << ',';
  out << "iteration";
  if (lines.wide) {
    for (const std::string& name : lines.quantities) out << ',' << csv_field(name);
    out << '\n';
  } else {
    out << ",quantity,value\n";
  }
}

void write_records(std::ostream& out, const RunRecord& run, const RecordLines& lines) {
  const RunAttributes& a = run.attributes;
  std::string prefix;
  for (const std::string* text : {&a.experiment, &run.config.profile, &a.dataset, &a.solver, &a.label}) {
    prefix += csv_field(*text) + ",";
  }
  prefix += fmt::format("{},{},", a.seed, to_string(a.status)) + grid_fields(run, lines.grid);
  const Trajectory& all = run.trajectory;
  const std::vector<std::size_t> kept = evenly_chosen(all.iteration.size(), lines.points);
  if (lines.wide) {
    for (const std::size_t i : kept) {
      out << prefix << all.iteration[i];
      for (const std::string& name : lines.quantities) {
        const std::vector<double>* values = all.find(name);
        out << ',' << (values == nullptr ? "" : csv_number((*values)[i]));
      }
      out << '\n';
    }
    return;
  }
  for (const std::string& name : lines.quantities) {
    const std::vector<double>* values = all.find(name);
    if (values == nullptr) continue;
    for (const std::size_t i : kept) {
      out << prefix << all.iteration[i] << ',' << csv_field(name) << ',' << csv_number((*values)[i]) << '\n';
    }
  }
}

}  // namespace admmbench
