/// Reads results/claims/*.yaml.

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include "core/io/yaml_text.hpp"
#include "core/program/installed_files.hpp"
#include "results/claims/claims.hpp"
#include "results/record/columns.hpp"

namespace admmbench {

namespace {

/// A node, and what messages call it.
struct Place {
  const std::filesystem::path& file;
  std::string where;
  YAML::Node node;
};

[[noreturn]] void bad(const Place& place, const std::string& what) {
  throw std::runtime_error(fmt::format("{}:{}: {}: {}", place.file.string(),
                                       std::max(place.node.Mark().line, 0) + 1, place.where, what));
}

Place child(const Place& map, const std::string& key) {
  const YAML::Node value = map.node[key];
  if (!value) bad(map, fmt::format("{} is missing", key));
  return {map.file, map.where + ": " + key, value};
}

void require_map(const Place& place, const std::vector<std::string>& allowed) {
  if (!place.node.IsMap() || place.node.size() == 0) bad(place, "a mapping is needed here");
  std::set<std::string> seen;
  for (const auto& entry : place.node) {
    const auto key = entry.first.as<std::string>();
    const Place here{place.file, place.where, entry.first};
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), key) == allowed.end()) {
      bad(here, fmt::format("unknown key '{}'; allowed: {}", key, fmt::join(allowed, ", ")));
    }
    if (!seen.insert(key).second) bad(here, fmt::format("'{}' is there twice", key));
  }
}

std::string text_of(const Place& place) {
  if (!place.node.IsScalar() || place.node.Scalar().empty()) bad(place, "a text is needed here");
  return place.node.as<std::string>();
}

std::string text(const Place& map, const std::string& key) { return text_of(child(map, key)); }

std::string optional_text(const Place& map, const std::string& key) {
  return map.node[key] ? text(map, key) : std::string();
}

double number_of(const Place& place) {
  double value = 0;
  if (!place.node.IsScalar() || !YAML::convert<double>::decode(place.node, value) || !std::isfinite(value)) {
    bad(place, "a number is needed here");
  }
  return value;
}

/// A text, or a list of texts.
std::vector<std::string> texts(const Place& map, const std::string& key) {
  const Place place = child(map, key);
  if (place.node.IsScalar()) return {text_of(place)};
  if (!place.node.IsSequence() || place.node.size() == 0)
    bad(place, "a text or a list of them is needed here");
  std::vector<std::string> result;
  for (const auto& entry : place.node) result.push_back(text_of({place.file, place.where, entry}));
  return result;
}

std::vector<std::string> optional_texts(const Place& map, const std::string& key) {
  return map.node[key] ? texts(map, key) : std::vector<std::string>();
}

std::string one_of(const Place& place, const std::vector<std::string>& allowed) {
  std::string value = text_of(place);
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    bad(place, fmt::format("'{}'; allowed: {}", value, fmt::join(allowed, ", ")));
  }
  return value;
}

Measure measure_of(const Place& map) {
  const Place place = child(map, "measure");
  try {
    return parse_measure(text_of(place));
  } catch (const std::invalid_argument& error) {
    bad(place, error.what());
  }
}

void read_bounds(const Place& map, Check& check) {
  if (map.node["at_least"]) check.at_least = number_of(child(map, "at_least"));
  if (map.node["at_most"]) check.at_most = number_of(child(map, "at_most"));
  if (!check.at_least && !check.at_most) bad(map, "at_least or at_most is needed here");
  if (check.at_least && check.at_most && *check.at_least > *check.at_most) {
    bad(child(map, "at_least"), "is above at_most: nothing could hold");
  }
}

std::int64_t count_of(const Place& place) {
  const double value = number_of(place);
  if (value < 1 || value != std::floor(value)) bad(place, "a whole number above 0 is needed here");
  return static_cast<std::int64_t>(value);
}

/// size: {iterations: 200, samples: 55000} or, by label, {iterations: {pdADMM-G: 600, others: 200}}.
PublishedSize read_size(const Place& place) {
  require_map(place, {"iterations", "samples"});
  PublishedSize size;
  if (place.node["samples"]) size.samples = count_of(child(place, "samples"));
  if (!place.node["iterations"]) return size;
  const Place iterations = child(place, "iterations");
  if (iterations.node.IsScalar()) {
    size.iterations.emplace_back("others", count_of(iterations));
    return size;
  }
  require_map(iterations, {});
  for (const auto& entry : iterations.node) {
    const auto label = entry.first.as<std::string>();
    size.iterations.emplace_back(label, count_of(child(iterations, label)));
  }
  return size;
}

void read_compare(const Place& map, Check& check) {
  check.measure = measure_of(map);
  check.against = texts(map, "against");
  check.higher = higher_is_better(check.measure.column);
  if (map.node["better"]) check.higher = one_of(child(map, "better"), {"higher", "lower"}) == "higher";
  if (map.node["test"]) check.wilcoxon = one_of(child(map, "test"), {"t", "wilcoxon"}) == "wilcoxon";
}

void read_over(const Place& map, Check& check) {
  if (!map.node["over"]) return;
  const std::string over = one_of(child(map, "over"), {"mean", "every", "best"});
  check.over = over == "every" ? Over::every : over == "best" ? Over::best : Over::mean;
}

void read_bound(const Place& map, Check& check) {
  check.measure = measure_of(map);
  read_over(map, check);
  read_bounds(map, check);
  if (!map.node["refuted_above"]) return;
  const Place place = child(map, "refuted_above");
  check.refuted_above = number_of(place);
  if (check.over != Over::mean) bad(place, "goes with over: mean");
  if (!check.at_most || *check.refuted_above < *check.at_most) bad(place, "must not be below at_most");
}

/// A mean or a test of values that may be infinite says nothing.
void require_finite(const Place& map, const Check& check) {
  if (check.measure.function != "reach" || (check.kind == RuleKind::bound && check.over != Over::mean))
    return;
  bad(child(map, "measure"), "reach may be infinite: it goes with rule: bound, over: every or best");
}

void read_rate(const Place& map, Check& check) {
  const std::string model = one_of(child(map, "model"), {"linear", "sublinear", "superlinear"});
  check.model = model == "linear"      ? RateModel::linear
                : model == "sublinear" ? RateModel::sublinear
                                       : RateModel::superlinear;
  check.measure = parse_measure(fmt::format("tail({})", text(map, "column")));
}

Check read_check(const Place& map) {
  const std::vector<std::string> kinds{"compare", "bound", "ratio", "exponent", "rate", "offers"};
  if (!map.node.IsMap()) bad(map, "a mapping is needed here");
  const std::string kind = one_of(child(map, "rule"), kinds);
  std::vector<std::string> allowed{"rule", "name", "experiment", "datasets", "methods", "size"};
  const auto allow = [&](std::initializer_list<const char*> more) {
    allowed.insert(allowed.end(), more.begin(), more.end());
  };
  if (kind == "compare") allow({"measure", "against", "better", "test"});
  if (kind == "bound") allow({"measure", "over", "at_least", "at_most", "refuted_above"});
  if (kind == "ratio") allow({"measure", "against", "over", "at_least", "at_most"});
  if (kind == "exponent") allow({"measure", "at_least", "at_most"});
  if (kind == "rate") allow({"column", "model"});
  if (kind == "offers") allow({"grid", "at_least"});
  require_map(map, allowed);
  Check check;
  check.kind = static_cast<RuleKind>(std::find(kinds.begin(), kinds.end(), kind) - kinds.begin());
  check.name = optional_text(map, "name");
  check.experiment = text(map, "experiment");
  check.datasets = optional_texts(map, "datasets");
  check.methods = texts(map, "methods");
  if (map.node["size"]) check.size = read_size(child(map, "size"));
  if (kind == "compare") read_compare(map, check);
  if (kind == "bound") read_bound(map, check);
  if (kind == "rate") read_rate(map, check);
  if (kind == "ratio" || kind == "exponent") {
    check.measure = measure_of(map);
    read_bounds(map, check);
  }
  if (kind == "ratio") {
    read_over(map, check);
    check.against = texts(map, "against");
    if (check.against.size() != 1) bad(child(map, "against"), "a ratio is to one method");
  }
  if (kind == "offers") {
    check.grid = text(map, "grid");
    check.at_least = number_of(child(map, "at_least"));
  }
  require_finite(map, check);
  return check;
}

Claim read_claim(const Place& map, Claim claim) {
  require_map(map, {"source", "claim", "short", "note", "outside", "checks"});
  claim.source = text(map, "source");
  claim.text = text(map, "claim");
  claim.short_text = optional_text(map, "short");
  claim.note = optional_text(map, "note");
  claim.outside = optional_texts(map, "outside");
  const Place checks = child(map, "checks");
  if (!checks.node.IsSequence() || checks.node.size() == 0) bad(checks, "a list of checks is needed here");
  for (std::size_t i = 0; i < checks.node.size(); ++i) {
    claim.checks.push_back(read_check({map.file, fmt::format("{}[{}]", checks.where, i), checks.node[i]}));
  }
  if (claim.checks.size() > 1) {
    for (std::size_t i = 0; i < claim.checks.size(); ++i) {
      if (claim.checks[i].name.empty()) {
        bad({map.file, checks.where, checks.node[i]}, "name is missing: there are several checks");
      }
    }
  }
  return claim;
}

void read_file(const std::filesystem::path& file, std::vector<Claim>& claims) {
  YAML::Node root;
  try {
    root = load_yaml_file(file);
  } catch (const YAML::Exception& error) {
    throw std::runtime_error(fmt::format("{}:{}: {}", file.string(), error.mark.line + 1, error.msg));
  }
  const Place top{file, "file", root};
  require_map(top, {"work", "citation", "reconstruction", "order", "claims"});
  Claim common;
  common.work = text(top, "work");
  common.citation = text(top, "citation");
  if (root["reconstruction"])
    common.reconstruction = one_of(child(top, "reconstruction"), {"true", "false"}) == "true";
  if (root["order"]) common.order = count_of(child(top, "order"));
  const Place list = child(top, "claims");
  require_map(list, {});
  for (const auto& entry : list.node) {
    common.id = entry.first.as<std::string>();
    const Place place{file, common.id, entry.second};
    if (std::any_of(claims.begin(), claims.end(), [&](const Claim& one) { return one.id == common.id; })) {
      bad({file, common.id, entry.first}, "another claim has this name");
    }
    claims.push_back(read_claim(place, common));
  }
}

}  // namespace

std::vector<Claim> load_claims(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) {
    throw std::runtime_error(folder.string() + ": no such folder; the claims are kept there");
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Claim> claims;
  for (const auto& file : files) read_file(file, claims);
  std::stable_sort(claims.begin(), claims.end(),
                   [](const Claim& a, const Claim& b) { return a.order < b.order; });
  if (claims.empty()) throw std::runtime_error(folder.string() + ": no claims (*.yaml) in this folder");
  return claims;
}

std::filesystem::path claims_folder() { return installed_files() / "results/claims"; }

std::vector<Measure> claim_measures(const std::vector<Claim>& claims, const std::string& experiment) {
  std::vector<Measure> measures;
  for (const Claim& claim : claims) {
    for (const Check& check : claim.checks) {
      const bool known = std::any_of(measures.begin(), measures.end(), [&](const Measure& measure) {
        return measure.text == check.measure.text;
      });
      if (check.experiment == experiment && !check.measure.text.empty() && !known) {
        measures.push_back(check.measure);
      }
    }
  }
  return measures;
}

}  // namespace admmbench
