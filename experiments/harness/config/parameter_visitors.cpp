#include "experiments/harness/config/parameter_visitors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "experiments/harness/config/yaml_reader.hpp"

namespace admmbench {

// Listing.

void ParameterLister::add(std::string_view name, std::string type, std::string value, std::string allowed,
                          std::string_view meaning) {
  std::string full;
  for (const std::string& group : groups_) full += group + ".";
  entries.push_back({full + std::string(name), std::move(type), std::move(value), std::move(allowed),
                     std::string(meaning), static_cast<int>(groups_.size())});
}

void ParameterLister::real(std::string_view name, double& value, Range range, std::string_view meaning) {
  add(name, "real", number_text(value), to_string(range), meaning);
}
void ParameterLister::integer(std::string_view name, long& value, Range range, std::string_view meaning) {
  add(name, "integer", std::to_string(value), to_string(range), meaning);
}
void ParameterLister::boolean(std::string_view name, bool& value, std::string_view meaning) {
  add(name, "boolean", value ? "true" : "false", "", meaning);
}
void ParameterLister::word(std::string_view name, int& index, const std::vector<std::string>& words,
                           std::string_view meaning) {
  add(name, fmt::format("{}", fmt::join(words, " | ")), words.at(static_cast<std::size_t>(index)), "",
      meaning);
}
void ParameterLister::integer_or_word(std::string_view name, std::optional<long>& value,
                                      std::string_view word, Range range, std::string_view meaning) {
  add(name, fmt::format("{} | integer", word), value ? std::to_string(*value) : std::string(word),
      to_string(range), meaning);
}
void ParameterLister::reals(std::string_view name, std::vector<double>& values, std::string_view meaning) {
  ConfigValue list = ConfigValue::list();
  for (const double value : values) list.items.push_back(ConfigValue::number(value));
  add(name, "reals", to_flow(list), "", meaning);
}
void ParameterLister::begin_group(std::string_view name, std::string_view meaning) {
  add(name, "group", "", "", meaning);
  groups_.emplace_back(name);
}
void ParameterLister::end_group() { groups_.pop_back(); }

// Writing.

void ParameterWriter::real(std::string_view name, double& value, Range, std::string_view) {
  stack_.back().second.set(name, ConfigValue::number(value));
}
void ParameterWriter::integer(std::string_view name, long& value, Range, std::string_view) {
  stack_.back().second.set(name, ConfigValue::number(value));
}
void ParameterWriter::boolean(std::string_view name, bool& value, std::string_view) {
  stack_.back().second.set(name, ConfigValue::boolean(value));
}
void ParameterWriter::word(std::string_view name, int& index, const std::vector<std::string>& words,
                           std::string_view) {
  stack_.back().second.set(name, ConfigValue::string(words.at(static_cast<std::size_t>(index))));
}
void ParameterWriter::integer_or_word(std::string_view name, std::optional<long>& value,
                                      std::string_view word, Range, std::string_view) {
  stack_.back().second.set(name,
                           value ? ConfigValue::number(*value) : ConfigValue::string(std::string(word)));
}
void ParameterWriter::reals(std::string_view name, std::vector<double>& values, std::string_view) {
  ConfigValue list = ConfigValue::list();
  for (const double value : values) list.items.push_back(ConfigValue::number(value));
  stack_.back().second.set(name, std::move(list));
}
void ParameterWriter::begin_group(std::string_view name, std::string_view) {
  stack_.emplace_back(std::string(name), ConfigValue::map());
}
void ParameterWriter::end_group() {
  auto [name, members] = std::move(stack_.back());
  stack_.pop_back();
  stack_.back().second.set(name, std::move(members));
}

// Reading.

ParameterReader::ParameterReader(const ConfigValue& values, std::string path,
                                 std::vector<ParameterEntry> declared, ConfigProblems& problems)
    : declared_(std::move(declared)), problems_(problems) {
  if (!values.is_map() && values.kind != ConfigValue::Kind::null) {
    problems_.add(values.origin, path, "not a mapping; allowed: a mapping of parameters");
  }
  stack_.push_back({std::move(path), "", values.is_map() ? &values : nullptr, {}, {}, "", true, false});
}

std::string ParameterReader::path(std::string_view name) const {
  return child_path(stack_.back().path, name);
}

const ConfigValue* ParameterReader::take(std::string_view name) {
  Frame& frame = stack_.back();
  if (frame.at_start && frame.values != nullptr && !frame.values->is_map()) {
    problems_.add(frame.values->origin, frame.path, "not a mapping; allowed: a mapping of parameters");
    frame.values = nullptr;
  }
  frame.at_start = false;
  frame.visited.emplace_back(name);
  if (frame.values == nullptr) return nullptr;
  const ConfigValue* found = frame.values->find(name);
  if (found != nullptr) frame.consumed.emplace_back(name);
  return found;
}

void ParameterReader::real(std::string_view name, double& value, Range range, std::string_view) {
  const ConfigValue* given = take(name);
  if (given != nullptr) problems_.attempt([&] { value = to_real(*given, path(name), range); });
}
void ParameterReader::integer(std::string_view name, long& value, Range range, std::string_view) {
  const ConfigValue* given = take(name);
  if (given != nullptr) problems_.attempt([&] { value = to_integer(*given, path(name), range); });
}
void ParameterReader::boolean(std::string_view name, bool& value, std::string_view) {
  const ConfigValue* given = take(name);
  if (given != nullptr) problems_.attempt([&] { value = to_boolean(*given, path(name)); });
}
void ParameterReader::integer_or_word(std::string_view name, std::optional<long>& value,
                                      std::string_view word, Range range, std::string_view) {
  const ConfigValue* given = take(name);
  if (given == nullptr) return;
  if (given->is_scalar() && given->text == word) {
    value.reset();
    return;
  }
  try {
    value = to_integer(*given, path(name), range);
  } catch (const ConfigError& error) {
    for (ConfigProblem problem : error.problems()) {
      problem.what += fmt::format(", or {}", word);
      problems_.add(problem);
    }
  }
}
void ParameterReader::reals(std::string_view name, std::vector<double>& values, std::string_view) {
  const ConfigValue* given = take(name);
  if (given == nullptr) return;
  problems_.attempt([&] {
    std::vector<double> result;
    for (const ConfigValue& item : to_items(*given, path(name), "numbers")) {
      result.push_back(to_real(item, path(name), any_number));
    }
    values = std::move(result);
  });
}

/// The group's first word where it is written in another way than as a member of its own name; `index` if it is not.
int ParameterReader::read_group_word(Frame& frame, std::string_view name, int index,
                                     const std::vector<std::string>& words) {
  if (frame.values->is_scalar()) {  // step: exact
    const ConfigValue* word = std::exchange(frame.values, nullptr);
    return to_word(*word, frame.path, words);
  }
  if (frame.values->is_map() && frame.values->members.size() == 1) {  // {fista: {max_iter: 500}}
    const auto& [key, members] = frame.values->members.front();
    const auto chosen = std::find(words.begin(), words.end(), key);
    if (chosen != words.end() && (members.is_map() || members.kind == ConfigValue::Kind::null)) {
      index = static_cast<int>(chosen - words.begin());
      frame.path = child_path(frame.path, key);
      frame.values = members.is_map() ? &members : nullptr;
    }
  }
  if (frame.values == nullptr || !frame.values->is_map()) return index;
  for (const std::string_view synonym : {std::string_view("rule"), std::string_view("method")}) {
    const ConfigValue* given = synonym == name ? nullptr : frame.values->find(synonym);
    if (given == nullptr) continue;
    frame.consumed.emplace_back(synonym);
    if (frame.values->find(name) != nullptr) {
      config_error(given->origin, path(synonym),
                   fmt::format("means the same as '{}', which is given too", name));
    }
    index = to_word(*given, path(synonym), words);
  }
  return index;
}

void ParameterReader::word(std::string_view name, int& index, const std::vector<std::string>& words,
                           std::string_view) {
  Frame& frame = stack_.back();
  const bool first = frame.at_start;
  bool clear = true;
  if (first && !frame.group.empty() && frame.values != nullptr) {
    clear = problems_.attempt([&] { index = read_group_word(frame, name, index, words); });
  }
  if (const ConfigValue* given = take(name)) {
    clear = problems_.attempt([&] { index = to_word(*given, path(name), words); }) && clear;
  }
  if (!first) return;
  frame.chosen = fmt::format("{} {}", name, words.at(static_cast<std::size_t>(index)));
  frame.unclear = !clear;
}

void ParameterReader::begin_group(std::string_view name, std::string_view) {
  const ConfigValue* given = take(name);
  if (given != nullptr && given->kind == ConfigValue::Kind::null) given = nullptr;
  if (given != nullptr && given->is_list()) {
    problems_.add(given->origin, path(name), "a list; allowed: a mapping, or one word");
    given = nullptr;
  }
  stack_.push_back({path(name), child_path(stack_.back().group, name), given, {}, {}, "", true, false});
}

void ParameterReader::end_group() {
  check_keys(stack_.back());
  stack_.pop_back();
}

void ParameterReader::finish() { check_keys(stack_.back()); }

void ParameterReader::check_keys(const Frame& frame) {
  if (frame.values == nullptr || !frame.values->is_map()) return;
  for (const auto& [key, value] : frame.values->members) {
    if (std::find(frame.consumed.begin(), frame.consumed.end(), key) != frame.consumed.end()) continue;
    const std::string full = child_path(frame.group, key);
    const bool elsewhere = std::any_of(declared_.begin(), declared_.end(),
                                       [&](const ParameterEntry& entry) { return entry.name == full; });
    if (!elsewhere) {
      problems_.add(unknown_key(value.origin, frame.path, key, frame.visited));
    } else if (!frame.unclear) {
      problems_.add(
          value.origin, child_path(frame.path, key),
          fmt::format("does not apply with {}; allowed: {}",
                      frame.chosen.empty() ? "the other settings" : frame.chosen, join(frame.visited)));
    }
  }
}

}  // namespace admmbench
