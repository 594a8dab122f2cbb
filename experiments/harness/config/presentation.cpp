#include "experiments/harness/config/presentation.hpp"

#include "core/io/csv.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/config/parameter_visitors.hpp"
#include "experiments/harness/config/yaml_reader.hpp"

namespace admmbench {

namespace fs = std::filesystem;

namespace {

constexpr const char* file_name = "presentation.yaml";

void read_into(std::map<std::string, Presentation>& found, const fs::path& file) {
  const ConfigValue root = read_yaml(file);
  ConfigProblems problems;
  Presentation result;
  const MapReader top(root, "", problems);
  top.with("table", [&](const ConfigValue& keys, const std::string& key) {
    read_keys(result.table, keys, key, problems);
  });
  top.with("rank", [&](const ConfigValue& keys, const std::string& key) {
    read_keys(result.rank, keys, key, problems);
    result.rank.targets = read_targets(keys, key, problems);
  });
  problems.throw_if_any();
  const ConfigValue* name = root.find("experiment");
  found.emplace(name == nullptr ? file.parent_path().filename().string() : name->text, std::move(result));
}

}  // namespace

void write_presentation(const Experiment& experiment, const fs::path& out) {
  ConfigValue value = ConfigValue::map();
  value.set("experiment", ConfigValue::string(experiment.name));
  ConfigValue table = write_parameters(TableKeys(experiment.table));
  ConfigValue rank = write_parameters(RankKeys(experiment.rank));
  if (!experiment.rank.targets.empty()) {
    ConfigValue targets = ConfigValue::map();
    for (const auto& [name, target] : experiment.rank.targets) targets.set(name, ConfigValue::number(target));
    rank.set("targets", std::move(targets));
  }
  const bool nothing = table.members.empty() && rank.members.empty();
  if (!table.members.empty()) value.set("table", std::move(table));
  if (!rank.members.empty()) value.set("rank", std::move(rank));

  const fs::path file = out / experiment.name / file_name;
  if (nothing) {
    fs::remove(file);
    return;
  }
  const std::string text = to_yaml(value);
  if (fs::exists(file) && read_text_file(file) == text) return;
  fs::create_directories(file.parent_path());
  write_text_file(file, text);
}

std::map<std::string, Presentation> read_presentations(const std::vector<fs::path>& roots) {
  std::map<std::string, Presentation> found;
  for (const fs::path& root : roots) {
    std::error_code ignored;
    if (!fs::exists(root, ignored)) continue;
    // <out>/<experiment>/<data set>/<solver>/seed-0.h5: three folders above the file.
    fs::path folder = fs::absolute(root).lexically_normal();
    for (int up = 0; up <= 3; ++up, folder = folder.parent_path()) {
      if (fs::is_regular_file(folder / file_name)) read_into(found, folder / file_name);
    }
    if (!fs::is_directory(root)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.path().filename() == file_name) read_into(found, entry.path());
    }
  }
  return found;
}

}  // namespace admmbench
