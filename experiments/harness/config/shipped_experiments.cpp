#include "experiments/harness/config/shipped_experiments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "experiments/harness/config/yaml_reader.hpp"

namespace admmbench {

std::vector<ShippedExperiment> list_experiments(const std::filesystem::path& share) {
  std::vector<ShippedExperiment> entries;
  const std::filesystem::path root = share / "experiments";
  if (!std::filesystem::is_directory(root)) return entries;
  for (const auto& item : std::filesystem::recursive_directory_iterator(root)) {
    if (!item.is_regular_file() || item.path().extension() != ".yaml") continue;
    ShippedExperiment entry{item.path().stem().string(), item.path(), ""};
    std::ifstream stream(item.path());
    std::string line;
    if (std::getline(stream, line) && line.starts_with("# ")) entry.summary = line.substr(2);
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(),
            [](const ShippedExperiment& a, const ShippedExperiment& b) { return a.file < b.file; });
  return entries;
}

std::filesystem::path find_experiment(const std::string& given, const std::filesystem::path& share) {
  if (std::filesystem::exists(given)) return given;
  std::vector<std::string> names;
  for (const ShippedExperiment& entry : list_experiments(share)) {
    if (entry.name == given) return entry.file;
    names.push_back(entry.name);
  }
  config_error(given, "",
               fmt::format("no such experiment file{}; allowed: a path, or one of {}",
                           did_you_mean(given, names), join(names)));
}

}  // namespace admmbench
