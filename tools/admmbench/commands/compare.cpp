#include "tools/admmbench/commands/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "experiments/harness/config/yaml_reader.hpp"
#include "results/comparison/compare.hpp"
#include "tools/admmbench/commands/result_set.hpp"
#include "tools/admmbench/json_text.hpp"

namespace admmbench {

namespace {

constexpr int exit_worse = 4;  // 1 to 3 have their meaning in every command

struct CompareArguments {
  std::string a, b;
  CompareOptions compare;
  bool all = false;
  bool json = false;
};

std::string text_of(const Cell& cell) {
  return fmt::format("{}{} / {} / {}", cell.experiment, cell.profile.empty() ? "" : " (" + cell.profile + ")",
                     cell.dataset, cell.label);
}

std::string mean_text(const Summary& summary, std::size_t without) {
  std::string text = summary.count > 0 ? fmt::format("{:.6g}", summary.mean) : "none";
  if (without > 0) text += fmt::format(" ({} of {} runs without)", without, summary.count + without);
  return text;
}

/// "test_accuracy: 0.812 -> 0.789, -0.023 (5.8 times the spread 0.004), p 0.002, adjusted 0.008, effect -1, Wilcoxon of 10 pairs, could show 0.006".
std::string text_of(const Comparison& one) {
  std::string text = fmt::format("{}: {}: {} -> {}", text_of(one.cell), one.metric,
                                 mean_text(one.a, one.without_a), mean_text(one.b, one.without_b));
  if (one.difference) text += fmt::format(", {:+.3g}", *one.difference);
  if (one.difference && one.spread && *one.spread > 0) {
    text += fmt::format(" ({:.1f} times the spread {:.2g})", std::abs(*one.difference) / *one.spread,
                        *one.spread);
  }
  if (one.p_value && !one.test.empty()) {
    text += fmt::format(", p {:.2g}", *one.p_value);
    if (one.adjusted) text += fmt::format(", adjusted {:.2g}", *one.adjusted);
    if (one.effect) text += fmt::format(", effect {:+.2f}", *one.effect);
    text += fmt::format(", {} of {} {}", one.test, one.count, one.test == "Wilcoxon" ? "pairs" : "runs");
    if (one.could_show && *one.could_show > 0) text += fmt::format(", could show {:.2g}", *one.could_show);
  }
  if (!one.decides) text += "; a time, for information";
  return text;
}

void print_verdict(const CompareResult& result, Verdict verdict, const std::string& heading) {
  bool first = true;
  for (const Comparison& one : result.comparisons) {
    if (one.verdict != verdict) continue;
    if (first) fmt::print("\n{}:\n", heading);
    first = false;
    fmt::print("  {}\n", text_of(one));
  }
}

void print_cells(const std::vector<Cell>& cells, const std::string& heading) {
  if (cells.empty()) return;
  fmt::print("\n{}:\n", heading);
  for (const Cell& cell : cells) fmt::print("  {}\n", text_of(cell));
}

std::string seeds_text(const std::vector<std::int64_t>& seeds, const std::string& side) {
  if (seeds.empty()) return "";
  return fmt::format("; seed{} {} only in {}", seeds.size() == 1 ? "" : "s", fmt::join(seeds, ", "), side);
}

void print_incomplete(const std::vector<IncompleteCell>& cells) {
  if (cells.empty()) return;
  fmt::print("\nwith seeds that one side lacks, so not identical:\n");
  for (const IncompleteCell& one : cells) {
    fmt::print("  {}: {} of both{}{}{}\n", text_of(one.cell), one.shared,
               one.identical ? ", identical to the bit" : "", seeds_text(one.only_a, "A"),
               seeds_text(one.only_b, "B"));
  }
}

void print_other(const std::vector<OtherCell>& cells) {
  if (cells.empty()) return;
  fmt::print("\nwith other settings or data in B:\n");
  for (const OtherCell& one : cells)
    fmt::print("  {}: {}\n", text_of(one.cell), fmt::join(one.differing, ", "));
}

std::size_t count(const CompareResult& result, Verdict verdict) {
  return static_cast<std::size_t>(
      std::count_if(result.comparisons.begin(), result.comparisons.end(),
                    [&](const Comparison& one) { return one.verdict == verdict; }));
}

void print_text(const CompareResult& result, const ResultSet& a, const ResultSet& b,
                const CompareArguments& options) {
  std::set<Cell> compared;
  for (const Comparison& one : result.comparisons) compared.insert(one.cell);
  const auto rest =
      static_cast<std::size_t>(std::count_if(result.incomplete.begin(), result.incomplete.end(),
                                             [](const IncompleteCell& one) { return one.identical; }));
  fmt::print("A: {}\nB: {}\n{} cells on both sides: {} identical to the bit, {} compared{}\n", a.name, b.name,
             compared.size() + result.identical.size() + rest, result.identical.size(), compared.size(),
             rest == 0 ? "" : fmt::format(", {} identical but for missing seeds", rest));
  print_verdict(result, Verdict::worse,
                fmt::format("worse beyond noise (level {}, Holm)", options.compare.alpha));
  print_verdict(result, Verdict::better,
                fmt::format("better beyond noise (level {}, Holm)", options.compare.alpha));
  print_verdict(result, Verdict::too_few, "different, but too few seeds to tell from noise");
  if (options.all) {
    print_verdict(result, Verdict::undecided, "no difference beyond noise");
    print_verdict(result, Verdict::unchanged, "unchanged");
    std::vector<Cell> cells;
    for (const IdenticalCell& cell : result.identical) cells.push_back(cell.cell);
    print_cells(cells, "identical to the bit");
  } else {
    const std::size_t quiet = count(result, Verdict::undecided) + count(result, Verdict::unchanged);
    if (quiet > 0) {
      fmt::print("\nno difference beyond noise: {} comparisons, unchanged: {} (--all shows them)\n",
                 count(result, Verdict::undecided), count(result, Verdict::unchanged));
    }
  }
  print_incomplete(result.incomplete);
  print_other(result.other);
  std::vector<Cell> renamed;
  for (const IdenticalCell& cell : result.identical) {
    if (!cell.same_config) renamed.push_back(cell.cell);
  }
  print_cells(renamed, "identical to the bit although their stored configurations differ");
  print_cells(result.only_a, "missing in B");
  print_cells(result.only_b, "new in B");
  if (!result.notes.empty()) fmt::print("\n");
  for (const std::string& note : result.notes) fmt::print("note: {}\n", note);
}

Json to_json(const Cell& cell) {
  return {{"experiment", cell.experiment},
          {"profile", cell.profile},
          {"dataset", cell.dataset},
          {"label", cell.label}};
}

Json to_json(const Summary& summary, std::size_t without) {
  Json json{{"n", summary.count}, {"mean", nullptr}, {"sd", nullptr}, {"without_value", without}};
  if (summary.count > 0) json["mean"] = summary.mean;
  if (summary.deviation) json["sd"] = *summary.deviation;
  return json;
}

Json to_json(const CompareResult& result, const CompareArguments& options) {
  const auto optional = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
  };
  const auto list = [](const std::vector<Cell>& cells) {
    Json json = Json::array();
    for (const Cell& cell : cells) json.push_back(to_json(cell));
    return json;
  };
  Json json{{"a", options.a},
            {"b", options.b},
            {"alpha", options.compare.alpha},
            {"tolerance", options.compare.tolerance},
            {"worse", result.worse()},
            {"comparisons", Json::array()},
            {"identical", Json::array()},
            {"other_configuration", Json::array()},
            {"incomplete", Json::array()},
            {"missing", list(result.only_a)},
            {"new", list(result.only_b)},
            {"notes", result.notes}};
  for (const Comparison& one : result.comparisons) {
    Json entry = to_json(one.cell);
    entry.update({{"metric", one.metric},
                  {"verdict", to_string(one.verdict)},
                  {"decides", one.decides},
                  {"a", to_json(one.a, one.without_a)},
                  {"b", to_json(one.b, one.without_b)},
                  {"difference", optional(one.difference)},
                  {"spread", optional(one.spread)},
                  {"effect", optional(one.effect)},
                  {"test", one.test},
                  {"count", one.count},
                  {"p_value", optional(one.p_value)},
                  {"adjusted_p_value", optional(one.adjusted)},
                  {"least_p_value", one.least_p},
                  {"could_show", optional(one.could_show)}});
    json["comparisons"].push_back(std::move(entry));
  }
  for (const IdenticalCell& cell : result.identical) {
    Json entry = to_json(cell.cell);
    entry["runs"] = cell.runs;
    entry["same_configuration"] = cell.same_config;
    json["identical"].push_back(std::move(entry));
  }
  for (const OtherCell& one : result.other) {
    json["other_configuration"].push_back(to_json(one.cell));
    json["other_configuration"].back()["differing"] = one.differing;
  }
  for (const IncompleteCell& one : result.incomplete) {
    json["incomplete"].push_back(to_json(one.cell));
    json["incomplete"].back().update({{"shared", one.shared},
                                      {"identical", one.identical},
                                      {"seeds_only_in_a", one.only_a},
                                      {"seeds_only_in_b", one.only_b}});
  }
  return json;
}

void require_common(const CompareResult& result, const CompareArguments& options) {
  if (!result.comparisons.empty() || !result.identical.empty() || !result.incomplete.empty()) return;
  const auto names = [](const std::vector<Cell>& cells) {
    std::vector<std::string> texts;
    for (const Cell& cell : cells) texts.push_back(text_of(cell));
    return texts.empty() ? std::string("nothing") : fmt::format("{}", fmt::join(texts, "; "));
  };
  throw std::runtime_error(
      fmt::format("no experiment / data set / method is in both with something to compare: {} has "
                  "{}; {} has {}",
                  options.a, names(result.only_a), options.b, names(result.only_b)));
}

void compare_results(const CompareArguments& options) {
  const ResultSet a = read_result_set(options.a);
  const ResultSet b = read_result_set(options.b);
  const CompareResult result = compare(a, b, options.compare);
  require_common(result, options);
  if (options.json) {
    fmt::print("{}\n", json_text(to_json(result, options)));
  } else {
    print_text(result, a, b, options);
  }
  std::fflush(stdout);
  require_undamaged(a.damaged + b.damaged);
  if (result.worse()) throw CLI::RuntimeError(exit_worse);
}

}  // namespace

void add_compare_command(CLI::App& app) {
  auto options = std::make_shared<CompareArguments>();
  CLI::App* command = app.add_subcommand("compare", "what got better or worse beyond noise");
  const std::string what =
      "folder of result files or of summaries, a summary (export --summary), a table (table --format csv), "
      "or a "
      "git revision: its summaries and tables under results/";
  command->add_option("A", options->a, what)->required()->type_name("RESULTS");
  command->add_option("B", options->b, "the same, newer")->required()->type_name("RESULTS");
  command
      ->add_option("--metric", options->compare.metrics,
                   "trajectory column (its last entry), iterations, iterations_to_target or "
                   "seconds_to_target; may be repeated [accuracy, objective, loss, iterations]")
      ->type_name("COLUMN")
      ->allow_extra_args(false);
  command->add_option("--alpha", options->compare.alpha, "level of the tests, for each metric")
      ->check(CLI::Range(1e-6, 0.5))
      ->capture_default_str();
  command->add_option("--tolerance", options->compare.tolerance, "relative differences up to this are none")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_flag("--all", options->all, "also what did not change");
  command->add_flag("--json", options->json, "everything, as JSON");
  command->footer(
      "Exit code 4 if anything is worse beyond noise, else 0.\n"
      "Examples:\n  admmbench compare results/summaries results/runs\n  admmbench compare main~1 main");
  command->callback([options] { compare_results(*options); });
}

}  // namespace admmbench
