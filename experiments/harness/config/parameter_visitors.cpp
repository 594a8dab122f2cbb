#include "experiments/harness/config/parameter_visitors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <utility>

#include "experiments/harness/config/yaml_reader.hpp"

namespace admmbench {

namespace {

ConfigValue yaml(double value) { return ConfigValue::number(value); }
ConfigValue yaml(long value) { return ConfigValue::number(value); }
ConfigValue yaml(bool value) { return ConfigValue::boolean(value); }
ConfigValue yaml(const std::string& text) { return ConfigValue::string(text); }

/// The value as YAML; nothing for a group, for what others read, and for what is not set: no value, no text, or no item in
/// a list that needs one.
std::optional<ConfigValue> written(const Kind& value) {
  using Written = std::optional<ConfigValue>;
  return std::visit(overloaded{
                        [](const kind::Word& word) -> Written {
                          return yaml(word.words.at(static_cast<std::size_t>(word.index)));
                        },
                        [](const kind::IntegerOrWord& given) -> Written {
                          return given.value ? yaml(*given.value) : yaml(std::string(given.word));
                        },
                        [](const kind::Text& text) -> Written {
                          return text.value.empty() ? Written() : Written(yaml(text.value));
                        },
                        [](const kind::Group&) -> Written { return {}; },
                        [](const kind::Rest&) -> Written { return {}; },
                        [](const kind::Other&) -> Written { return {}; },
                        [](const auto& plain) -> Written {
                          if constexpr (requires { plain.values; }) {
                            if (plain.values.empty() && !plain.form.least.empty()) return {};
                            if (plain.form.alone == ListForm::Alone::stored && plain.values.size() == 1)
                              return yaml(plain.values.front());
                            ConfigValue list = ConfigValue::list();
                            for (const auto& item : plain.values) list.items.push_back(yaml(item));
                            return list;
                          } else if constexpr (requires { plain.value.has_value(); }) {
                            return plain.value ? Written(yaml(*plain.value)) : Written();
                          } else {
                            return yaml(plain.value);
                          }
                        },
                    },
                    value);
}

std::string type_of(const Kind& value) {
  return std::visit(
      overloaded{
          [](const kind::Word& word) { return fmt::format("{}", fmt::join(word.words, " | ")); },
          [](const kind::IntegerOrWord& given) { return fmt::format("{} | integer", given.word); },
          [](const kind::Other& other) { return std::string(other.form); },
          [](const auto& plain) {
            if constexpr (requires { plain.item; }) {
              if (plain.form.alone != ListForm::Alone::no)
                return fmt::format("{} | {}", plain.item, plain.type);
            }
            return std::string(plain.type);
          },
      },
      value);
}

std::string range_of(const Kind& value) {
  return std::visit(
      [](const auto& any) {
        if constexpr (requires { any.range; }) {
          std::string range = to_string(any.range);
          // Of a list nothing is said where any items will do.
          if constexpr (requires { any.values; }) return range == "finite" ? std::string() : range;
          return range;
        } else {
          return std::string();
        }
      },
      value);
}

void require_items(bool empty, const ListForm& form, const ConfigValue& given, const std::string& key) {
  if (empty && !form.least.empty())
    config_error(given.origin, key, fmt::format("empty; allowed: at least {}", form.least));
}

void read_integer_or_word(const kind::IntegerOrWord& target, const ConfigValue& given,
                          const std::string& key) {
  if (given.is_scalar() && given.text == target.word) {
    target.value.reset();
    return;
  }
  try {
    target.value = to_integer(given, key, target.range);
  } catch (const ConfigError& error) {
    std::vector<ConfigProblem> problems = error.problems();
    for (ConfigProblem& problem : problems) problem.what += fmt::format(", or {}", target.word);
    throw ConfigError(std::move(problems));
  }
}

/// The items of a list, or of a value that may stand for a list of its own.
std::vector<ConfigValue> items_of(const ListForm& form, const ConfigValue& given, const std::string& key,
                                  std::string_view meaning) {
  if (form.alone != ListForm::Alone::no && given.is_scalar()) return {given};
  return to_items(given, key, meaning);
}

void read_reals(const kind::Reals& target, const ConfigValue& given, const std::string& key) {
  std::vector<double> values;
  for (const ConfigValue& item : items_of(target.form, given, key, "numbers"))
    values.push_back(to_real(item, key, target.range));
  require_items(values.empty(), target.form, given, key);
  target.values = std::move(values);
}

/// More are written as a list by whoever really wants them.
constexpr Range counted{1, 1000, false, false};

void read_integers(const kind::Integers& target, const ConfigValue& given, const std::string& key) {
  std::vector<long> values;
  if (target.form.alone == ListForm::Alone::counts && given.is_scalar()) {
    target.values.resize(static_cast<std::size_t>(to_integer(given, key, counted)));
    std::iota(target.values.begin(), target.values.end(), 0L);
    return;
  }
  for (const ConfigValue& item :
       items_of(target.form, given, key, "whole numbers " + to_string(target.range)))
    values.push_back(to_integer(item, key, target.range));
  require_items(values.empty(), target.form, given, key);
  std::set<long> seen;
  for (const long value : values) {
    if (!seen.insert(value).second && target.form.distinct)
      config_error(given.origin, key, fmt::format("{} is given twice", value));
  }
  target.values = std::move(values);
}

/// What is wrong with the length of a list that has a value for every stage; empty: nothing.
std::string wrong_length(const Kind& value) {
  return std::visit(
      [](const auto& any) -> std::string {
        if constexpr (requires {
                        any.values.size();
                        any.form.stages;
                      }) {
          const std::size_t found = any.values.size();
          const std::size_t stages = any.form.stages;
          if (stages == 0 || found <= 1 || found == stages) return {};
          if (stages == 1) return fmt::format("has {} values for 1 stage; allowed: one value", found);
          return fmt::format("has {0} values for {1} stages; allowed: one value, which holds for all, or {1}",
                             found, stages);
        }
        return {};
      },
      value);
}

}  // namespace

void read_value(const Kind& target, const ConfigValue& given, const std::string& key) {
  const auto read_all = [&](auto& values, std::string_view items, const auto& to_item) {
    std::remove_reference_t<decltype(values)> result;
    for (const ConfigValue& item : to_items(given, key, items)) result.push_back(to_item(item));
    values = std::move(result);
  };
  std::visit(overloaded{
                 [&](const kind::Real& real) { real.value = to_real(given, key, real.range); },
                 [&](const kind::OptionalReal& real) { real.value = to_real(given, key, real.range); },
                 [&](const kind::Integer& integer) { integer.value = to_integer(given, key, integer.range); },
                 [&](const kind::OptionalInteger& integer) {
                   integer.value = to_integer(given, key, integer.range);
                 },
                 [&](const kind::Boolean& boolean) { boolean.value = to_boolean(given, key); },
                 [&](const kind::IntegerOrWord& either) { read_integer_or_word(either, given, key); },
                 [&](const kind::Reals& reals) { read_reals(reals, given, key); },
                 [&](const kind::Integers& integers) { read_integers(integers, given, key); },
                 [&](const kind::Text& text) { text.value = to_text(given, key, text.form); },
                 [&](const kind::Texts& texts) {
                   read_all(texts.values, texts.form.items,
                            [&](const ConfigValue& item) { return to_text(item, key); });
                   require_items(texts.values.empty(), texts.form, given, key);
                 },
                 [](const kind::Word&) {},
                 [](const kind::Group&) {},
                 [](const kind::Rest&) {},
                 [](const kind::Other&) {},
             },
             target);
}

std::optional<ConfigValue> default_of(const Kind& value) {
  const auto* real = std::get_if<kind::Real>(&value);
  const auto* integer = std::get_if<kind::Integer>(&value);
  const bool out_of_range =
      (real != nullptr && !real->range.contains(real->value)) ||
      (integer != nullptr && !integer->range.contains(static_cast<double>(integer->value)));
  std::optional<ConfigValue> usual = out_of_range ? std::nullopt : written(value);
  const bool empty_list = usual && usual->is_list() && usual->items.empty();
  // An empty list of reals is a parameter's own default; of keys it says that nothing is given.
  return empty_list && !std::holds_alternative<kind::Reals>(value) ? std::nullopt : usual;
}

// Listing.

void ParameterLister::member(const Member& member) {
  const std::optional<ConfigValue> usual = member.needed ? std::nullopt : default_of(member.kind);
  entries.push_back({prefix_ + std::string(member.name), type_of(member.kind),
                     !usual             ? ""
                     : usual->is_list() ? to_flow(*usual)
                                        : usual->text,
                     range_of(member.kind), std::string(member.meaning), depth_, member.needed});
  if (const auto* group = std::get_if<kind::Group>(&member.kind)) {
    const std::string outer = std::exchange(prefix_, entries.back().name + ".");
    ++depth_;
    group->visit(*this);
    --depth_;
    prefix_ = outer;
  }
}

std::vector<std::string> ParameterLister::top_names() const {
  std::vector<std::string> names;
  for (const ParameterEntry& entry : entries) {
    if (entry.depth == 0) names.push_back(entry.name);
  }
  return names;
}

// Writing.

void ParameterWriter::member(const Member& member) {
  if (!member.stored) return;
  if (const auto* group = std::get_if<kind::Group>(&member.kind)) {
    ParameterWriter members;
    group->visit(members);
    result.set(member.name, std::move(members.result));
  } else if (const auto* rest = std::get_if<kind::Rest>(&member.kind)) {
    for (const auto& [name, json] : rest->named) result.set(name, parse_yaml(json, name));  // JSON is YAML
  } else if (std::optional<ConfigValue> value = written(member.kind)) {
    result.set(member.name, *std::move(value));
  }
}

// Reading.

ParameterReader::ParameterReader(const ConfigValue& values, std::string path, ParameterLister declared,
                                 ConfigProblems& problems, Style style)
    : declared_(std::move(declared)), problems_(problems), style_(style) {
  if (style_ != Style::parameters) {
    check_mapping(values, path, declared_.top_names(), problems_);
  } else if (!values.is_map() && values.kind != ConfigValue::Kind::null) {
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

void ParameterReader::member(const Member& member) {
  if (member.needed && style_ == Style::keys && stack_.back().values != nullptr) {
    const ConfigValue& mapping = *stack_.back().values;
    const ConfigValue* given = mapping.find(member.name);
    if (given == nullptr || given->kind == ConfigValue::Kind::null) {
      problems_.add(given == nullptr ? mapping.origin : given->origin, path(member.name),
                    "missing; this key is needed");
      return;
    }
  }
  if (const auto* word = std::get_if<kind::Word>(&member.kind)) {
    read_word(member, *word);
  } else if (const auto* group = std::get_if<kind::Group>(&member.kind)) {
    read_group(member, *group);
  } else if (const auto* rest = std::get_if<kind::Rest>(&member.kind)) {
    read_rest(*rest);
  } else {
    const ConfigValue* given = take(member.name);
    if (given != nullptr && !problems_.attempt([&] { read_value(member.kind, *given, path(member.name)); }))
      return;
    check_length(member, given);
  }
}

/// Later values of a name replace earlier ones, so that a point of a search can be laid over what is there.
void ParameterReader::read_rest(const kind::Rest& rest) {
  Frame& frame = stack_.back();
  if (frame.values == nullptr || !frame.values->is_map()) return;
  for (const auto& member : frame.values->members) {
    const std::string& name = member.first;
    if (std::find(frame.consumed.begin(), frame.consumed.end(), name) != frame.consumed.end()) continue;
    frame.consumed.push_back(name);
    std::string json = to_json(member.second).dump();
    const auto known = std::find_if(rest.named.begin(), rest.named.end(),
                                    [&](const auto& entry) { return entry.first == name; });
    if (known == rest.named.end()) {
      rest.named.emplace_back(name, std::move(json));
    } else {
      known->second = std::move(json);
    }
  }
}

/// A list that is not given may be a preset's, and not fit the stages that are.
void ParameterReader::check_length(const Member& member, const ConfigValue* given) {
  const std::string wrong = wrong_length(member.kind);
  if (wrong.empty()) return;
  for (auto frame = stack_.rbegin(); given == nullptr && frame != stack_.rend(); ++frame)
    given = frame->values;
  problems_.add(given == nullptr ? Origin() : given->origin, path(member.name), wrong);
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

void ParameterReader::read_word(const Member& member, const kind::Word& word) {
  Frame& frame = stack_.back();
  const bool first = frame.at_start;
  bool clear = true;
  if (first && !frame.group.empty() && frame.values != nullptr) {
    clear =
        problems_.attempt([&] { word.index = read_group_word(frame, member.name, word.index, word.words); });
  }
  if (const ConfigValue* given = take(member.name)) {
    clear = problems_.attempt([&] { word.index = to_word(*given, path(member.name), word.words); }) && clear;
  }
  if (!first) return;
  frame.chosen = fmt::format("{} {}", member.name, word.words.at(static_cast<std::size_t>(word.index)));
  frame.unclear = !clear;
}

void ParameterReader::read_group(const Member& member, const kind::Group& group) {
  const ConfigValue* given = take(member.name);
  if (style_ != Style::parameters) {
    if (given == nullptr || (group.optional && given->kind == ConfigValue::Kind::null)) return;
    ParameterLister declared;
    group.visit(declared);
    ParameterReader members(*given, path(member.name), std::move(declared), problems_, style_);
    group.visit(members);
    return;
  }
  if (given != nullptr && given->kind == ConfigValue::Kind::null) given = nullptr;
  if (given != nullptr && given->is_list()) {
    problems_.add(given->origin, path(member.name), "a list; allowed: a mapping, or one word");
    given = nullptr;
  }
  stack_.push_back(
      {path(member.name), child_path(stack_.back().group, member.name), given, {}, {}, "", true, false});
  group.visit(*this);
  check_keys(stack_.back());
  stack_.pop_back();
}

void ParameterReader::finish() {
  if (style_ == Style::parameters) check_keys(stack_.back());
}

void ParameterReader::check_keys(const Frame& frame) {
  if (frame.values == nullptr || !frame.values->is_map()) return;
  for (const auto& [key, value] : frame.values->members) {
    if (problems_.full()) break;
    if (std::find(frame.consumed.begin(), frame.consumed.end(), key) != frame.consumed.end()) continue;
    const std::string full = child_path(frame.group, key);
    const bool elsewhere = std::any_of(declared_.entries.begin(), declared_.entries.end(),
                                       [&](const ParameterEntry& entry) { return entry.name == full; });
    if (!elsewhere) {
      problems_.add(unknown_key(value.origin, frame.path, key, frame.visited));
    } else if (const std::size_t dot = key.find('.'); dot != std::string::npos) {
      problems_.add(value.origin, child_path(frame.path, key),
                    fmt::format("a name with dots is for `search` and --set; here: {}: {{{}: ...}}",
                                key.substr(0, dot), key.substr(dot + 1)));
    } else if (!frame.unclear) {
      problems_.add(
          value.origin, child_path(frame.path, key),
          fmt::format("does not apply with {}; allowed: {}",
                      frame.chosen.empty() ? "the other settings" : frame.chosen, join(frame.visited)));
    }
  }
}

}  // namespace admmbench
