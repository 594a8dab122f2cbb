#include "experiments/harness/config/solver_entry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "experiments/harness/config/parameter_visitors.hpp"
#include "experiments/harness/config/search_space.hpp"
#include "experiments/harness/config/yaml_reader.hpp"
#include "experiments/harness/external/external_solver.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

namespace {

/// A grid value in a label: scalars as written, the leaves of anything else joined by '-'.
std::string grid_text(const ConfigValue& value) {
  std::string text = value.text;
  const auto add = [&](const ConfigValue& part) {
    if (!text.empty()) text += '-';
    text += grid_text(part);
  };
  for (const ConfigValue& item : value.items) add(item);
  for (const auto& [key, member] : value.members) add(member);
  return text;
}

/// Sets the parameter with the dotted name `key`.
void set_parameter(ConfigValue& params, const std::string& key, const ConfigValue& value) {
  ConfigValue* at = &params;
  std::istringstream parts(key);
  for (std::string part; std::getline(parts, part, '.');) {
    if (at->is_scalar()) {
      // `step: exact` beside a grid over step.initial: the word is the group's first member.
      const std::string word = at->text;
      const Origin origin = at->origin;
      *at = ConfigValue::map(origin);
      at->set("rule", ConfigValue::scalar(word, origin));
    }
    if (at->find(part) == nullptr) at->set(part, ConfigValue{});
    at = at->find(part);
    if (at->origin.empty()) at->origin = value.origin;
  }
  *at = value;
}

struct GridAxis {
  std::string key;
  std::vector<ConfigValue> values;
};

std::vector<GridAxis> read_grid(const ConfigValue& value, const std::string& path, ConfigProblems& problems) {
  if (!value.is_map()) config_error(value.origin, path, "not a mapping; allowed: parameter: [values]");
  std::vector<GridAxis> axes;
  for (const auto& member : value.members) {
    const ConfigValue& values = member.second;
    const std::string name = child_path(path, member.first);
    problems.attempt([&] {
      if (to_items(values, name, "values").empty())
        config_error(values.origin, name, "empty; allowed: at least one value");
      axes.push_back({member.first, values.items});
    });
  }
  return axes;
}

/// What a method is resolved from, but its parameters.
struct MethodChoice {
  const SolverInfo& info;
  const std::string& preset;
  const std::filesystem::path& folder;  ///< the experiment file's
};

SolverVariant resolve(const MethodChoice& method, const ConfigValue& params, const std::string& path,
                      ConfigProblems& problems) {
  SolverVariant variant;
  variant.name = method.info.name;
  std::unique_ptr<ConfiguredSolver> configured = method.info.make_default();
  if (!method.preset.empty()) configured->apply_preset(method.preset);
  read_parameters(*configured, params, path, problems);
  configured->look_for_files(method.folder);
  variant.params = write_parameters(*configured);
  variant.configured = std::move(configured);
  return variant;
}

const SolverInfo* known_solver(const ConfigValue& value, const std::string& key) {
  std::vector<std::string> names;
  for (const SolverInfo& info : registered_solvers()) names.push_back(info.name);
  return find_solver(names[static_cast<std::size_t>(to_word(value, key, names))]);
}

std::string to_preset(const ConfigValue& value, const std::string& key, const SolverInfo& info) {
  std::vector<std::string> presets;
  for (const Preset& known : info.presets) presets.push_back(known.name);
  if (presets.empty()) config_error(value.origin, key, info.name + " has no presets");
  return presets[static_cast<std::size_t>(to_word(value, key, presets))];
}

/// Of a method that is a program, what stands beside `params`: put in there, where the resolved configuration has it.
void read_program(const MapReader& entry, const SolverInfo& info, const std::filesystem::path& folder,
                  ConfigValue& params) {
  const bool is_program = info.name == external_name;
  for (const char* const key : {"command", "files", "answer_limit"}) {
    const ConfigValue* given = entry.find(key);
    if (given == nullptr) continue;
    if (!is_program) {
      config_error(
          given->origin, entry.path(key),
          fmt::format("belongs to `name: {}`, a program of your own; {} has none", external_name, info.name));
    }
    if (params.find(key) != nullptr)
      config_error(given->origin, entry.path(key), "is in `params` too; allowed: one of them");
    params.set(key, *given);
  }
  if (!is_program || !params.is_map()) return;
  const ConfigValue* command = params.find("command");
  if (command == nullptr) {
    config_error(entry.origin(), entry.path("command"),
                 "missing: the program and its arguments; allowed: a list, as in [python3, mine.py]");
  }
  std::vector<std::string> words;
  for (const ConfigValue& word : to_items(*command, entry.path("command"), "words"))
    words.push_back(to_text(word, entry.path("command")));
  if (words.empty()) return;  // said by whoever reads the parameters
  if (const std::string missing = missing_in_command(words, folder); !missing.empty())
    config_error(command->origin, entry.path("command"), missing);
}

/// Every combination is read and checked before the first runs.
constexpr std::size_t most_grid_points = 10'000;

/// The searched parameters of a solver entry; none if it is not tuned.
std::vector<SearchAxis> read_search(const MapReader& entry, const std::vector<GridAxis>& grid,
                                    const std::optional<TuneOptions>& tune, bool refused) {
  const ConfigValue* search = entry.find("search");
  if (search == nullptr || search->kind == ConfigValue::Kind::null) {
    if (tune && !refused) {
      config_error(
          entry.origin(), entry.path("search"),
          "missing: the experiment has `tune:`, so every solver gets the same number of tries; allowed: "
          "`search: {parameter: [values]}`, or `tune: false` for settings that are to stay as they are");
    }
    return {};
  }
  if (refused) return {};
  if (!tune) {
    config_error(
        search->origin, entry.path("search"),
        "the experiment has no `tune:`, which says how to search; allowed: tune: {method: random, runs: "
        "12}, or `tune: false` for this solver");
  }
  std::vector<SearchAxis> axes = read_search_space(*search, entry.path("search"));
  for (const SearchAxis& axis : axes) {
    if (std::any_of(grid.begin(), grid.end(), [&](const GridAxis& other) { return other.key == axis.key; })) {
      config_error(axis.origin, child_path(entry.path("search"), axis.key),
                   "is in `grid` too; allowed: one of them");
    }
  }
  return axes;
}

/// What the points of a search are resolved with.
struct SearchBase {
  const MethodChoice& method;
  const ConfigValue& params;  ///< at the grid point
  std::string path;           ///< of `search`
};

SearchPoint resolve_point(const SearchBase& base, SearchValues values, ConfigProblems& problems) {
  ConfigValue params = base.params;
  for (const auto& [key, value] : values) {
    if (params.is_map()) set_parameter(params, key, value);
  }
  SolverVariant variant = resolve(base.method, params, base.path, problems);
  return {std::move(values), std::move(variant.params), std::move(variant.configured)};
}

/// Throws unless every value and both ends of every interval fit the declaration, drawn or not.
void check_values(const SearchBase& base, const std::vector<SearchAxis>& axes) {
  const auto candidates = [](const SearchAxis& axis) {
    if (!axis.interval) return axis.values;
    std::vector<ConfigValue> ends{ConfigValue::number(axis.interval->low),
                                  ConfigValue::number(axis.interval->high)};
    for (ConfigValue& end : ends) end.origin = axis.origin;
    return ends;
  };
  ConfigProblems problems;
  SearchValues first;
  for (const SearchAxis& axis : axes) first.emplace_back(axis.key, candidates(axis).front());
  for (std::size_t a = 0; a < axes.size(); ++a) {
    for (const ConfigValue& value : candidates(axes[a])) {
      SearchValues values = first;
      values[a].second = value;
      resolve_point(base, std::move(values), problems);
    }
  }
  problems.throw_if_any();
}

/// True if `axis` lists all that its parameter can be: every word, or both true and false.
bool lists_all(const SearchAxis& axis, const std::vector<ParameterEntry>& declared) {
  const auto entry = std::find_if(declared.begin(), declared.end(),
                                  [&](const ParameterEntry& known) { return known.name == axis.key; });
  if (entry == declared.end()) return false;
  const auto words = 1 + std::count(entry->type.begin(), entry->type.end(), '|');
  const bool of_words = words > 1 && entry->type.find("integer") == std::string::npos;
  if (!of_words && entry->type != "boolean") return false;
  return axis.values.size() == (of_words ? static_cast<std::size_t>(words) : 2);
}

/// `points`: the budget. Data sets with a smaller one try the first of them.
Search make_search(const SearchBase& base, const std::vector<SearchAxis>& axes, const TuneOptions& tune,
                   long points) {
  check_values(base, axes);
  const auto budget = static_cast<std::size_t>(points);
  ConfigProblems problems;
  Search search;
  search.size = space_size(axes);
  std::map<std::string, std::size_t> seen;
  for (SearchValues& values : search_points(axes, tune.method, budget, tune.seed, base.path)) {
    search.points.push_back(resolve_point(base, std::move(values), problems));
    const auto [same, fresh] = seen.try_emplace(to_yaml(search.points.back().params), search.points.size());
    if (!fresh) {
      config_error(axes.front().origin, base.path,
                   fmt::format("points {} and {} are the same setting; allowed: each value once",
                               same->second, search.points.size()));
    }
  }
  problems.throw_if_any();
  if (search.points.size() < budget) {
    ParameterLister lister;
    base.method.info.make_default()->visit(lister);
    search.exhausted = std::all_of(axes.begin(), axes.end(),
                                   [&](const SearchAxis& axis) { return lists_all(axis, lister.entries); });
    if (!search.exhausted) {
      config_error(
          axes.front().origin, base.path,
          fmt::format("has {} points, and the budget is {} ({} runs, {} seeds each): every solver gets the "
                      "same number of tries; allowed: more values, an interval as in {{log_uniform: [1e-4, "
                      "1e-2]}}, or a smaller tune.runs",
                      search.points.size(), budget, budget * tune.seeds.size(), tune.seeds.size()));
    }
  }
  return search;
}

}  // namespace

void SolverKeys::visit(ParameterVisitor& v) {
  v.needed().other("name", "", "the method, see admmbench list solvers");
  v.text("label", label, "in result paths and tables", &label_form);
  v.other("preset", "text", "a named set of parameters");
  v.other("params", "", "parameters; they override the preset, see admmbench describe");
  v.other("command", "", "of `name: external`: the program and its arguments, as a list");
  v.other("files", "", "of `name: external`: what else decides what the program does, as a list");
  v.other("answer_limit", "", "of `name: external`: seconds after which an answer will not come");
  v.other("grid", "", "parameter (dotted: step.rule): list of values; every combination is a run");
  v.other("search", "",
          "parameter: [values], or {uniform | log_uniform | integers: [low, high]}; what `tune:` tries");
  v.boolean("tune", tune, "false: the settings stay as they are although the experiment has `tune:`");
  v.integer("iterations", iterations, at_least_one,
            "of this entry's runs, in place of the data set's and the experiment's; not with `search`");
  v.texts("datasets", datasets, {.items = "labels of data sets", .least = "one label"},
          "labels of the data sets this entry runs on; all if left out");
}

std::vector<SolverVariant> read_solver(const ConfigValue& value, const std::string& path,
                                       const Experiment& experiment, const std::filesystem::path& folder,
                                       ConfigProblems& problems) {
  const std::optional<TuneOptions>& tune = experiment.tune;
  SolverKeys keys;
  read_keys(keys, value, path, problems);
  const MapReader entry(value, path, problems);
  const SolverInfo* info = nullptr;
  entry.with_needed(
      "name", [&](const ConfigValue& given, const std::string& key) { info = known_solver(given, key); });
  std::vector<GridAxis> axes;
  entry.with("grid", [&](const ConfigValue& given, const std::string& key) {
    axes = read_grid(given, key, problems);
  });
  if (info == nullptr) return {};

  if (keys.label.empty()) keys.label = info->name;
  std::string preset;
  entry.with("preset", [&](const ConfigValue& given, const std::string& key) {
    preset = to_preset(given, key, *info);
  });
  ConfigValue params = ConfigValue::map(value.origin);
  if (const ConfigValue* given = entry.find("params"); given && given->kind != ConfigValue::Kind::null)
    params = *given;
  problems.attempt([&] { read_program(entry, *info, folder, params); });
  std::vector<SearchAxis> searched;
  if (!tune || tune->runs > 0)
    problems.attempt([&] { searched = read_search(entry, axes, tune, !keys.tune); });
  if (keys.iterations && !searched.empty()) {
    problems.add(entry.find("iterations")->origin, entry.path("iterations"),
                 "does not apply with `search`: what is tuned runs for as long as all others; allowed: "
                 "`tune: false` without `search`, or `iterations` of the experiment or of a data set");
  }
  std::size_t points = 1;
  for (const GridAxis& axis : axes) {
    points *= axis.values.size();
    if (points <= most_grid_points) continue;
    problems.add(value.origin, entry.path("grid"),
                 fmt::format("has more than {} combinations; allowed: fewer values", most_grid_points));
    return {};
  }

  const MethodChoice method{*info, preset, folder};
  std::vector<SolverVariant> variants;
  for (std::size_t point = 0; point < points; ++point) {
    ConfigValue at_point = params;
    std::vector<std::pair<std::string, std::string>> chosen;
    std::size_t rest = points;
    std::size_t index = point;
    for (const GridAxis& axis : axes) {
      rest /= axis.values.size();
      const ConfigValue& picked = axis.values[index / rest];
      index %= rest;
      if (at_point.is_map()) set_parameter(at_point, axis.key, picked);
      chosen.emplace_back(axis.key, grid_text(picked));
    }
    SolverVariant variant = resolve(method, at_point, entry.path("params"), problems);
    variant.label = keys.label;
    variant.datasets = keys.datasets;
    variant.iterations = keys.iterations;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      variant.label += fmt::format("{}{}={}", i == 0 ? '-' : ',', chosen[i].first, chosen[i].second);
    }
    if (!label_form.fits(variant.label)) {
      problems.add(value.origin, entry.path("grid"),
                   fmt::format("the grid point's label '{}' cannot be a folder name", variant.label));
    }
    variant.grid = std::move(chosen);
    if (!searched.empty()) {
      problems.attempt([&] {
        long budget = 0;
        for (const DatasetEntry& dataset : experiment.datasets) {
          if (variant.runs_on(dataset.request.label))
            budget = std::max(budget, experiment.tuning_points_on(dataset));
        }
        if (budget == 0) return;  // no such data set, which is an error of its own
        variant.search = make_search({method, at_point, entry.path("search")}, searched, *tune, budget);
      });
    }
    variants.push_back(std::move(variant));
  }
  return variants;
}

}  // namespace admmbench
