#include "experiments/harness/config/key_tables.hpp"

#include <fmt/format.h>

#include "experiments/harness/config/experiment.hpp"
#include "experiments/harness/config/parameter_visitors.hpp"
#include "experiments/harness/config/search_space.hpp"
#include "experiments/harness/config/solver_entry.hpp"

namespace admmbench {

namespace {

/// `text` in a cell of a Markdown table.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, 1, '\\');
  return text;
}

/// What a declaration calls "[dataset]", "{profile}" or "network-overlay", in words.
std::string value_of(const ParameterEntry& entry) {
  const std::string& type = entry.type;
  if (type.empty() || type == "text") return type;
  if (type.front() == '[' && type.find(',') == std::string::npos) return "list of mappings";
  if (type == "{number}") return "name: number";
  if (type.front() == '{') return "name: mapping";
  if (type == "layer-groups") return "auto | integers";
  if (type == "split") return "integer | seed | released | one_permutation";
  if (type == "group" || type == "graph" || type == "network-overlay") return "mapping";
  return entry.allowed.empty() ? type : type + " " + entry.allowed;
}

template <class Keys>
std::string table(const std::string& mapping, Keys&& keys) {
  std::string text = fmt::format("| key of {} | value | default | meaning |\n|---|---|---|---|\n", mapping);
  for (const ParameterEntry& entry : list_parameters(keys).entries) {
    if (entry.depth > 0) continue;
    const std::string usual = entry.needed ? "needed" : entry.value.empty() ? "" : "`" + entry.value + "`";
    text += fmt::format("| `{}` | {} | {} | {} |\n", entry.name, cell(value_of(entry)), usual,
                        cell(entry.meaning));
  }
  return text;
}

}  // namespace

std::string key_tables() {
  return table("the file", Experiment{}) + "\n" + table("`datasets`, of each entry", DatasetEntry{}) + "\n" +
         table("`tune` of a data set", DatasetTuning{}) + "\n" + table("`network`", NetworkShape{}) + "\n" +
         table("`initial`", InitialPoint{}) + "\n" + table("`solvers`, of each entry", SolverKeys{}) + "\n" +
         table("`record`", RecordOptions{}) + "\n" + table("`stop`", StopRules{}) + "\n" +
         table("`checkpoint`", CheckpointOptions{}) + "\n" + table("`parallel`", ParallelOptions{}) + "\n" +
         table("`table`", TableKeys{}) + "\n" + table("`rank`", RankKeys{}) + "\n" +
         table("`tune`", TuneOptions{}) + "\n" + table("a range in `search`", SearchRange{});
}

}  // namespace admmbench
