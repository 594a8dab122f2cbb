#include "results/comparison/published.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include "core/io/yaml_text.hpp"
#include "core/program/installed_files.hpp"

namespace admmbench {

namespace {

[[noreturn]] void bad(const std::filesystem::path& file, const YAML::Node& node, const std::string& what) {
  throw std::runtime_error(fmt::format("{}:{}: {}", file.string(), std::max(node.Mark().line, 0) + 1, what));
}

/// `node` must be a mapping with keys out of `allowed` (any, if that is empty), each there once.
void require_map(const std::filesystem::path& file, const YAML::Node& node, const std::string& where,
                 const std::vector<std::string>& allowed) {
  if (!node.IsMap() || node.size() == 0) bad(file, node, where + ": a mapping is needed here");
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const auto key = entry.first.as<std::string>();
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), key) == allowed.end()) {
      bad(file, entry.first,
          fmt::format("{}: unknown key '{}'; allowed: {}", where, key, fmt::join(allowed, ", ")));
    }
    if (!seen.insert(key).second) bad(file, entry.first, fmt::format("{}: '{}' is there twice", where, key));
  }
}

std::string text(const std::filesystem::path& file, const YAML::Node& map, const std::string& where,
                 const char* key) {
  const YAML::Node value = map[key];
  if (!value) bad(file, map, fmt::format("{}: {} is missing", where, key));
  if (!value.IsScalar()) bad(file, value, fmt::format("{}: {}: a text is needed here", where, key));
  return value.as<std::string>();
}

double number(const std::filesystem::path& file, const YAML::Node& node, const std::string& where) {
  double value = 0;
  if (!node.IsScalar() || !YAML::convert<double>::decode(node, value) || !std::isfinite(value)) {
    bad(file, node, fmt::format("{}: a number is needed here, or [value, standard deviation]", where));
  }
  return value;
}

/// A whole number that may be left out.
std::optional<long> count_of(const std::filesystem::path& file, const YAML::Node& figure,
                             const std::string& where, const char* key) {
  const YAML::Node given = figure[key];
  if (!given) return std::nullopt;
  long count = 0;
  if (!YAML::convert<long>::decode(given, count) || count < 1)
    bad(file, given, fmt::format("{}: {}: a whole number of at least 1 is needed here", where, key));
  return count;
}

const std::string any = "any";  // in place of a data set or a method of `causes`

/// Every cause is that of a value, and short enough for a cell of a table.
void require_causes(const std::filesystem::path& file, const std::string& where, const YAML::Node& causes,
                    const YAML::Node& values) {
  constexpr std::size_t longest = 110;
  require_map(file, causes, where, {});
  const auto is_value = [&](const std::string& dataset, const std::string& method) {
    for (const auto& entry : values) {
      if (dataset != any && dataset != entry.first.as<std::string>()) continue;
      if (method == any || entry.second[method]) return true;
    }
    return false;
  };
  for (const auto& dataset : causes) {
    const auto name = dataset.first.as<std::string>();
    require_map(file, dataset.second, fmt::format("{}: {}", where, name), {});
    for (const auto& entry : dataset.second) {
      const auto method = entry.first.as<std::string>();
      if (!is_value(name, method))
        bad(file, entry.first, fmt::format("{}: {}: {}: there is no such value", where, name, method));
      if (text(file, dataset.second, where, method.c_str()).size() > longest)
        bad(file, entry.second,
            fmt::format("{}: {}: {}: more than {} characters; details belong on the method's page", where,
                        name, method, longest));
    }
  }
}

/// The most particular one.
std::string cause_of(const YAML::Node& causes, const std::string& dataset, const std::string& method) {
  if (!causes) return {};
  for (const auto& [d, m] : {std::pair(dataset, method), {dataset, any}, {any, method}}) {
    if (causes[d] && causes[d][m]) return causes[d][m].as<std::string>();
  }
  return {};
}

void load_figure(const std::filesystem::path& file, const YAML::Node& figure, PublishedFigure common,
                 std::vector<PublishedFigure>& figures) {
  require_map(file, figure, common.key,
              {"title", "metric", "provenance", "setting", "runs", "iteration", "values", "causes"});
  common.title = text(file, figure, common.key, "title");
  common.metric = text(file, figure, common.key, "metric");
  common.provenance = text(file, figure, common.key, "provenance");
  common.setting = text(file, figure, common.key, "setting");
  const std::vector<std::string> provenances{"quoted", "digitised", "by eye"};
  if (std::find(provenances.begin(), provenances.end(), common.provenance) == provenances.end()) {
    bad(file, figure["provenance"],
        fmt::format("{}: provenance '{}'; allowed: {}", common.key, common.provenance,
                    fmt::join(provenances, ", ")));
  }
  common.iteration = count_of(file, figure, common.key, "iteration");
  common.runs = count_of(file, figure, common.key, "runs");
  const YAML::Node values = figure["values"];
  if (!values) bad(file, figure, common.key + ": values is missing");
  require_map(file, values, common.key + ": values", {});
  const YAML::Node causes = figure["causes"];
  if (causes) require_causes(file, common.key + ": causes", causes, values);
  for (const auto& dataset : values) {
    common.dataset = dataset.first.as<std::string>();
    require_map(file, dataset.second, common.key + ": " + common.dataset, {});
    for (const auto& method : dataset.second) {
      PublishedFigure one = common;
      one.method = method.first.as<std::string>();
      const std::string where = fmt::format("{}: {}: {}", one.key, one.dataset, one.method);
      const YAML::Node value = method.second;
      if (value.IsSequence() && value.size() == 2) {
        one.value = number(file, value[0], where);
        one.deviation = number(file, value[1], where);
      } else {
        one.value = number(file, value, where);
      }
      one.cause = cause_of(causes, one.dataset, one.method);
      figures.push_back(std::move(one));
    }
  }
}

void load_file(const std::filesystem::path& file, std::vector<PublishedFigure>& figures) {
  YAML::Node root;
  try {
    root = load_yaml_file(file);
  } catch (const YAML::Exception& error) {
    throw std::runtime_error(fmt::format("{}:{}: {}", file.string(), error.mark.line + 1, error.msg));
  }
  require_map(file, root, "file", {"paper", "citation", "source", "figures"});
  PublishedFigure common;
  const std::string paper = text(file, root, "file", "paper");
  common.citation = text(file, root, "file", "citation");
  common.source = text(file, root, "file", "source");
  if (!root["figures"]) bad(file, root, "file: figures is missing");
  require_map(file, root["figures"], "figures", {});
  for (const auto& entry : root["figures"]) {
    common.key = paper + "/" + entry.first.as<std::string>();
    load_figure(file, entry.second, common, figures);
  }
}

}  // namespace

std::vector<PublishedFigure> load_published(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) {
    throw std::runtime_error(folder.string() + ": no such folder; the published figures are kept there");
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<PublishedFigure> figures;
  for (const auto& file : files) load_file(file, figures);
  return figures;
}

std::vector<std::string> published_keys(const std::vector<PublishedFigure>& figures) {
  std::vector<std::string> keys;
  for (const auto& figure : figures) {
    if (std::find(keys.begin(), keys.end(), figure.key) == keys.end()) keys.push_back(figure.key);
  }
  return keys;
}

std::filesystem::path published_folder() { return installed_files() / "results/published"; }

}  // namespace admmbench
