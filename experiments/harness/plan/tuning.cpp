#include "experiments/harness/plan/tuning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "experiments/harness/config/parameter_visitors.hpp"
#include "experiments/harness/config/yaml_reader.hpp"
#include "results/record/columns.hpp"
#include "results/record/run_file.hpp"
#include "results/statistics/tests.hpp"

namespace admmbench {

namespace {

using Cell = std::pair<std::size_t, std::size_t>;  // data set, solver

/// One run of a point, as far as it was made.
struct Trial {
  const Run* run = nullptr;
  std::string status = "failed";
  std::optional<double> value;  ///< of the selected column; empty: counts as worst
};

struct TriedPoint {
  std::vector<Trial> trials;
  std::optional<double> score;
};

Trial read_trial(const Run& run, const TuneOptions& tune) {
  Trial trial{&run, "failed", {}};
  const std::optional<RunAttributes> present = peek_run(run.result);
  if (!present || present->content_hash != run.content_hash) return trial;  // crashed before it could save
  trial.status = to_string(present->status);
  if (!is_finished(present->status)) return trial;
  const RunRecord record = read_run(run.result);
  const std::vector<double>* column = record.trajectory.find(tune.select);
  if (column == nullptr || column->empty()) return trial;
  double value = column->back();
  if (tune.at == TuneOptions::At::best) {
    const bool higher = higher_is_better(tune.select);
    for (std::size_t i = 1; i < column->size(); ++i) {  // the initial point is not the parameters' doing
      const double other = (*column)[i];
      if (!std::isfinite(value) || (higher ? other > value : other < value)) value = other;
    }
  }
  if (std::isfinite(value)) trial.value = value;
  return trial;
}

std::optional<double> score_of(const std::vector<Trial>& trials) {
  std::vector<double> values;
  for (const Trial& trial : trials) {
    if (!trial.value) return std::nullopt;
    values.push_back(*trial.value);
  }
  return mean_of(values);
}

std::size_t best_point(const std::vector<TriedPoint>& tried, bool higher) {
  std::size_t best = 0;
  for (std::size_t p = 1; p < tried.size(); ++p) {
    if (!tried[p].score) continue;
    const std::optional<double>& leader = tried[best].score;
    if (!leader || (higher ? *tried[p].score > *leader : *tried[p].score < *leader)) best = p;
  }
  return best;
}

ConfigValue parameters_of(const SearchPoint& point) {
  ConfigValue values = ConfigValue::map();
  for (const auto& [key, value] : point.values) values.set(key, value);
  return values;
}

/// Of a tuning run on `dataset` that does not say: of its own iterations the same share as of the experiment's.
long usual_tuning_iterations(const Experiment& experiment, const DatasetEntry& dataset) {
  const long iterations = experiment.tune->iterations;
  return dataset.iterations ? std::max(1L, *dataset.iterations * iterations / experiment.iterations)
                            : iterations;
}

long tuning_iterations(const Experiment& experiment, const DatasetEntry& dataset) {
  return dataset.tuning.iterations.value_or(usual_tuning_iterations(experiment, dataset));
}

/// Points of `search` that are tried on `dataset`: the first of them, if other data sets have a larger budget.
std::size_t points_on(const Experiment& experiment, const DatasetEntry& dataset, const Search& search) {
  return std::min(search.points.size(), static_cast<std::size_t>(experiment.tuning_points_on(dataset)));
}

/// How the search on `dataset` was made: the same for stored configuration and trace.
ConfigValue settings_of(const Experiment& experiment, const DatasetEntry& dataset, const Search& search) {
  TuneOptions tune = *experiment.tune;
  tune.runs = dataset.tuning.runs.value_or(tune.runs);
  tune.iterations = tuning_iterations(experiment, dataset);
  ConfigValue value = write_parameters(tune);
  value.set("points", ConfigValue::number(static_cast<long>(points_on(experiment, dataset, search))));
  value.set("space", search.size ? ConfigValue::number(*search.size) : ConfigValue{});
  value.set("exhausted", ConfigValue::boolean(search.exhausted));
  return value;
}

Json number_or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

std::string trace_text(const Experiment& experiment, const TuningChoice& choice, const Search& search,
                       const std::vector<TriedPoint>& tried) {
  const SolverVariant& solver = experiment.solvers[choice.solver];
  Json trace{{"experiment", experiment.name},
             {"dataset", experiment.datasets[choice.dataset].request.label},
             {"label", solver.label},
             {"solver", solver.name}};
  trace.update(to_json(settings_of(experiment, experiment.datasets[choice.dataset], search)));
  trace["chosen"] = Json{{"point", choice.point + 1},
                         {"score", number_or_null(choice.score)},
                         {"parameters", to_json(parameters_of(search.points[choice.point]))}};
  Json edges = Json::object();
  for (const SearchEdge& edge : choice.edges) edges[edge.key] = edge.highest ? "highest" : "lowest";
  trace["chosen"]["edges"] = std::move(edges);
  trace["tried"] = Json::array();
  for (std::size_t p = 0; p < tried.size(); ++p) {
    Json runs = Json::array();
    for (const Trial& trial : tried[p].trials) {
      const std::filesystem::path& file = trial.run->result;
      runs.push_back({{"seed", trial.run->seed},
                      {"status", trial.status},
                      {"value", number_or_null(trial.value)},
                      {"file", (file.parent_path().filename() / file.filename()).string()}});
    }
    trace["tried"].push_back({{"point", p + 1},
                              {"parameters", to_json(parameters_of(search.points[p]))},
                              {"score", number_or_null(tried[p].score)},
                              {"runs", std::move(runs)}});
  }
  return trace.dump(2) + "\n";
}

/// `points` as the solvers of an experiment of their own.
void add_points(const Experiment& experiment, std::size_t solver, Tuning& tuning) {
  const SolverVariant& variant = experiment.solvers[solver];
  const std::vector<SearchPoint>& points = variant.search->points;
  for (std::size_t p = 0; p < points.size(); ++p) {
    SolverVariant point = variant;
    point.label += fmt::format("-tuning-{:02}", p + 1);
    point.params = points[p].params;
    point.configured = points[p].configured;
    point.search.reset();
    tuning.experiment.solvers.push_back(std::move(point));
    tuning.points.push_back({solver, p});
  }
}

/// The number of a parameter's value; empty if it is a word, or a mapping.
std::optional<double> number_of(const ConfigValue& value) {
  double number = 0;
  const auto [end, error] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
  const bool whole = error == std::errc{} && end == value.text.data() + value.text.size();
  return value.kind == ConfigValue::Kind::scalar && whole ? std::optional(number) : std::nullopt;
}

}  // namespace

std::vector<SearchEdge> search_edges(const std::vector<SearchPoint>& points, std::size_t count,
                                     std::size_t chosen) {
  std::vector<SearchEdge> edges;
  for (std::size_t a = 0; a < points[chosen].values.size(); ++a) {
    const auto& [key, value] = points[chosen].values[a];
    const std::optional<double> own = number_of(value);
    std::set<double> tried;
    for (std::size_t p = 0; p < count; ++p) {
      if (const auto number = number_of(points[p].values[a].second)) tried.insert(*number);
    }
    constexpr std::size_t fewest = 3;  // of two values each is at an edge
    if (!own || tried.size() < fewest) continue;
    if (*own == *tried.begin() || *own == *tried.rbegin()) edges.push_back({key, *own == *tried.rbegin()});
  }
  return edges;
}

Tuning plan_tuning(const Experiment& experiment, const std::vector<Run>& wanted,
                   const std::filesystem::path& out, const std::vector<std::string>& identities) {
  Tuning tuning;
  tuning.experiment = experiment;
  tuning.experiment.solvers.clear();
  std::set<Cell> cells;
  for (const Run& run : wanted) {
    if (experiment.solvers[run.solver].search) cells.emplace(run.dataset, run.solver);
  }
  if (cells.empty()) return tuning;

  const TuneOptions& tune = *experiment.tune;
  tuning.experiment.name += "-tuning";
  tuning.experiment.published.clear();
  tuning.experiment.record.iterates.clear();
  for (DatasetEntry& dataset : tuning.experiment.datasets) {
    if (dataset.iterations || dataset.tuning.iterations)
      dataset.iterations = tuning_iterations(experiment, dataset);
  }
  tuning.experiment.iterations = tune.iterations;
  tuning.experiment.seeds = tune.seeds;
  if (tune.at == TuneOptions::At::last && !experiment.stop.needs_evaluation()) {
    // Nobody reads the records between the first and the last, and on large training sets they cost as much as the runs.
    // The interval belongs to every run's identity, so a set that asks for more iterations does not stretch it.
    tuning.experiment.record.every = tune.iterations;
    for (const DatasetEntry& dataset : experiment.datasets) {
      tuning.experiment.record.every =
          std::max(tuning.experiment.record.every, usual_tuning_iterations(experiment, dataset));
    }
  }
  for (std::size_t s = 0; s < experiment.solvers.size(); ++s) {
    if (experiment.solvers[s].search) add_points(experiment, s, tuning);
  }
  for (Run& run : make_plan(tuning.experiment, out, identities)) {
    const auto [solver, point] = tuning.points[run.solver];
    if (!cells.contains({run.dataset, solver})) continue;
    const Search& search = *experiment.solvers[solver].search;
    if (point >= points_on(experiment, experiment.datasets[run.dataset], search)) continue;
    run.result = out / experiment.name / experiment.datasets[run.dataset].request.label /
                 experiment.solvers[solver].label / "tuning" /
                 fmt::format("point-{:02}-seed-{}.h5", point + 1, run.seed);
    tuning.runs.push_back(std::move(run));
  }
  return tuning;
}

std::vector<TuningChoice> choose_points(const Experiment& experiment, const Tuning& tuning, bool all) {
  std::map<Cell, std::vector<TriedPoint>> cells;
  std::set<Cell> unfinished;
  for (const Run& run : tuning.runs) {
    const auto [solver, point] = tuning.points[run.solver];
    const Cell cell{run.dataset, solver};
    std::vector<TriedPoint>& tried = cells[cell];
    tried.resize(points_on(experiment, experiment.datasets[run.dataset], *experiment.solvers[solver].search));
    if (!all && !is_cached(run)) unfinished.insert(cell);
    if (unfinished.contains(cell)) continue;
    tried[point].trials.push_back(read_trial(run, *experiment.tune));
  }
  std::vector<TuningChoice> choices;
  for (auto& [cell, tried] : cells) {
    if (unfinished.contains(cell)) continue;
    for (TriedPoint& point : tried) point.score = score_of(point.trials);
    TuningChoice choice;
    choice.dataset = cell.first;
    choice.solver = cell.second;
    choice.point = best_point(tried, higher_is_better(experiment.tune->select));
    choice.score = tried[choice.point].score;
    choice.edges = search_edges(experiment.solvers[choice.solver].search->points, tried.size(), choice.point);
    choice.trace = trace_text(experiment, choice, *experiment.solvers[choice.solver].search, tried);
    choice.trace_file = tried.front().trials.front().run->result.parent_path().parent_path() / "tuning.json";
    choices.push_back(std::move(choice));
  }
  return choices;
}

Experiment apply_choices(const Experiment& experiment, const std::vector<TuningChoice>& choices) {
  Experiment tuned = experiment;
  tuned.tune.reset();
  tuned.solvers.clear();
  for (std::size_t s = 0; s < experiment.solvers.size(); ++s) {
    const SolverVariant& solver = experiment.solvers[s];
    if (!solver.search) {
      tuned.solvers.push_back(solver);
      continue;
    }
    for (std::size_t d = 0; d < experiment.datasets.size(); ++d) {
      const std::string& label = experiment.datasets[d].request.label;
      if (!solver.runs_on(label)) continue;
      SolverVariant variant = solver;
      variant.datasets = {label};
      const auto choice = std::find_if(choices.begin(), choices.end(), [&](const TuningChoice& candidate) {
        return candidate.dataset == d && candidate.solver == s;
      });
      if (choice != choices.end()) {
        const SearchPoint& point = solver.search->points[choice->point];
        variant.params = point.params;
        variant.configured = point.configured;
        variant.search.reset();
        ConfigValue summary = settings_of(experiment, experiment.datasets[d], *solver.search);
        summary.set("point", ConfigValue::number(static_cast<long>(choice->point) + 1));
        summary.set("score", choice->score ? ConfigValue::number(*choice->score) : ConfigValue{});
        summary.set("parameters", parameters_of(point));
        variant.tuned = Tuned{std::move(summary), choice->trace};
      }
      tuned.solvers.push_back(std::move(variant));
    }
  }
  return tuned;
}

}  // namespace admmbench
