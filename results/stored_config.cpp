#include "results/stored_config.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <stdexcept>

namespace admmbench {

namespace {

/// Runs `read` on the parsed attribute; an error names the file.
template <class Read>
auto with_config(const RunRecord& run, Read read) {
  try {
    return read(YAML::Load(run.attributes.config));
  } catch (const YAML::Exception& error) {
    throw std::runtime_error(
        fmt::format("{}: attribute config is not readable: {}", run.path.string(), error.what()));
  }
}

std::string as_text(const YAML::Node& node) {
  YAML::Emitter out;
  out << YAML::Flow << node;
  return out.c_str();
}

void flatten(const YAML::Node& node, const std::string& prefix,
             std::vector<std::pair<std::string, std::string>>& values) {
  for (const auto& entry : node) {
    const std::string name = prefix + entry.first.as<std::string>();
    if (entry.second.IsMap()) {
      flatten(entry.second, name + ".", values);
    } else {
      values.emplace_back(name, entry.second.IsScalar() ? entry.second.Scalar() : as_text(entry.second));
    }
  }
}

}  // namespace

StoredConfig stored_config(const RunRecord& run) {
  return with_config(run, [](const YAML::Node& root) {
    StoredConfig result;
    if (!root.IsMap()) return result;
    if (root["profile"]) result.profile = root["profile"].as<std::string>();
    if (root["note"]) result.note = root["note"].as<std::string>();
    if (root["published"]) result.published = root["published"].as<std::vector<std::string>>();
    if (root["dataset"] && root["dataset"]["name"])
      result.dataset_name = root["dataset"]["name"].as<std::string>();
    if (root["solver"] && root["solver"]["params"]) flatten(root["solver"]["params"], "", result.params);
    if (root["record"] && root["record"]["iterates"])
      result.iterates = root["record"]["iterates"].as<std::vector<long>>();
    return result;
  });
}

std::string experiment_of(const RunRecord& run) {
  return with_config(run, [](const YAML::Node& root) {
    // The run has one of what an experiment lists; the profile was laid over the file already.
    YAML::Emitter out;
    out << YAML::BeginMap;
    for (const auto& entry : root) {
      const auto key = entry.first.as<std::string>();
      if (key == "profile") continue;
      const bool single = key == "dataset" || key == "solver" || key == "seed";
      out << YAML::Key << (single ? key + "s" : key) << YAML::Value << YAML::Flow;
      if (single) out << YAML::BeginSeq;
      out << entry.second;
      if (single) out << YAML::EndSeq;
    }
    out << YAML::EndMap;
    return std::string(out.c_str()) + "\n";
  });
}

}  // namespace admmbench
