#include "tools/admmbench/commands/figure_file.hpp"

#include <fmt/format.h>

#include "experiments/harness/config/parameter_visitors.hpp"
#include "experiments/harness/config/yaml_reader.hpp"

namespace admmbench {

namespace {

/// A label alone stands for a method that is drawn as it comes.
FigureMethod read_method(const ConfigValue& given, const std::string& key, ConfigProblems& problems) {
  FigureMethod method;
  if (given.is_scalar()) {
    method.label = to_text(given, key);
  } else {
    read_keys(method, given, key, problems);
  }
  return method;
}

template <class Item, class Read>
std::vector<Item> read_list(const ConfigValue& list, const std::string& key, const char* items,
                            ConfigProblems& problems, const Read& read) {
  std::vector<Item> result;
  for (std::size_t i = 0; i < to_items(list, key, items).size(); ++i) {
    problems.attempt(
        [&] { result.push_back(read(list.items[i], child_path(key, std::to_string(i)), problems)); });
  }
  return result;
}

FigurePanelKeys read_panel(const ConfigValue& given, const std::string& key, ConfigProblems& problems) {
  FigurePanelKeys panel;
  read_keys(panel, given, key, problems);
  return panel;
}

/// An item a line: these are what people edit.
template <class Item>
std::string written_list(const char* key, std::vector<Item> items) {
  if (items.empty()) return {};
  std::string text = fmt::format("{}:\n", key);
  for (Item& item : items) text += fmt::format("  - {}\n", to_flow(write_parameters(item)));
  return text;
}

template <class Keys>
std::string key_table(const std::string& mapping, Keys keys) {
  std::string text = fmt::format("| key of {} | value | default | meaning |\n|---|---|---|---|\n", mapping);
  for (const ParameterEntry& entry : list_parameters(keys).entries) {
    std::string value = entry.type == "[method]" || entry.type == "[panel]" ? "list" : entry.type;
    for (std::size_t at = 0; (at = value.find('|', at)) != std::string::npos; at += 2)
      value.insert(at, 1, '\\');
    if (!entry.allowed.empty()) value += " " + entry.allowed;
    if (entry.name == "marker") value = "a marker, see below";
    const std::string usual = entry.needed ? "needed" : entry.value.empty() ? "" : "`" + entry.value + "`";
    text += fmt::format("| `{}` | {} | {} | {} |\n", entry.name, value, usual, entry.meaning);
  }
  return text;
}

}  // namespace

PaperFigure read_figure(const ConfigValue& root) {
  PaperFigure figure;
  ConfigProblems problems;
  read_keys(figure, root, "", problems);
  const MapReader top(root, "", problems);
  top.with("methods", [&](const ConfigValue& list, const std::string& key) {
    figure.methods = read_list<FigureMethod>(list, key, "methods", problems, read_method);
  });
  top.with("panels", [&](const ConfigValue& list, const std::string& key) {
    figure.panels = read_list<FigurePanelKeys>(list, key, "panels", problems, read_panel);
  });
  problems.throw_if_any();
  return figure;
}

std::string figure_file_text(PaperFigure figure) {
  return "# A figure: admmbench figure THIS FILE draws it. What each key means: docs/guide/figures.md.\n" +
         to_yaml(write_parameters(figure)) + written_list("methods", figure.methods) +
         written_list("panels", figure.panels);
}

std::string figure_key_tables() {
  return key_table("the file", PaperFigure{}) + "\n" + key_table("`methods`, of each entry", FigureMethod{}) +
         "\n" + key_table("`panels`, of each entry", FigurePanelKeys{});
}

}  // namespace admmbench
