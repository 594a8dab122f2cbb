#include "results/published.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace admmbench {

namespace {

[[noreturn]] void bad(const std::filesystem::path& file, const YAML::Node& node, const std::string& what) {
  throw std::runtime_error(fmt::format("{}:{}: {}", file.string(), node.Mark().line + 1, what));
}

std::string text(const std::filesystem::path& file, const YAML::Node& map, const char* key) {
  const YAML::Node value = map[key];
  if (!value || !value.IsScalar()) bad(file, map, fmt::format("{}: a text is needed here", key));
  return value.as<std::string>();
}

double number(const std::filesystem::path& file, const YAML::Node& node, const std::string& where) {
  double value = 0;
  if (!node.IsScalar() || !YAML::convert<double>::decode(node, value) || !std::isfinite(value)) {
    bad(file, node, fmt::format("{}: not a number", where));
  }
  return value;
}

void load_file(const std::filesystem::path& file, std::vector<PublishedFigure>& figures) {
  YAML::Node root;
  try {
    root = YAML::LoadFile(file.string());
  } catch (const YAML::Exception& error) {
    throw std::runtime_error(fmt::format("{}:{}: {}", file.string(), error.mark.line + 1, error.msg));
  }
  const std::string paper = text(file, root, "paper");
  const std::string citation = text(file, root, "citation");
  if (!root["figures"] || !root["figures"].IsMap()) bad(file, root, "figures: a mapping is needed here");
  for (const auto& entry : root["figures"]) {
    const YAML::Node figure = entry.second;
    PublishedFigure common;
    common.key = paper + "/" + entry.first.as<std::string>();
    common.citation = citation;
    common.title = text(file, figure, "title");
    common.metric = text(file, figure, "metric");
    common.provenance = text(file, figure, "provenance");
    common.setting = text(file, figure, "setting");
    constexpr std::array<const char*, 3> provenances{"quoted", "digitised", "by eye"};
    if (std::find(provenances.begin(), provenances.end(), common.provenance) == provenances.end()) {
      bad(file, figure["provenance"],
          fmt::format("{}: provenance '{}'; allowed: {}", common.key, common.provenance,
                      fmt::join(provenances, ", ")));
    }
    if (!figure["values"] || !figure["values"].IsMap())
      bad(file, figure, common.key + ": values: a mapping is needed");
    for (const auto& dataset : figure["values"]) {
      for (const auto& method : dataset.second) {
        PublishedFigure one = common;
        one.dataset = dataset.first.as<std::string>();
        one.method = method.first.as<std::string>();
        const std::string where = fmt::format("{}: {}: {}", one.key, one.dataset, one.method);
        const YAML::Node value = method.second;
        if (value.IsSequence()) {
          if (value.size() != 2) bad(file, value, where + ": needs a value, or [value, standard deviation]");
          one.value = number(file, value[0], where);
          one.deviation = number(file, value[1], where);
        } else {
          one.value = number(file, value, where);
        }
        figures.push_back(std::move(one));
      }
    }
  }
}

}  // namespace

std::vector<PublishedFigure> load_published(const std::filesystem::path& folder) {
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

std::filesystem::path published_folder() {
  return std::filesystem::path(ADMMBENCH_SOURCE_DIR) / "results/published";
}

}  // namespace admmbench
