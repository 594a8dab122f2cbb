#include "experiments/harness/config/schema.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <utility>

#include "datasets/generator.hpp"
#include "datasets/registry.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/config/parameter_visitors.hpp"
#include "experiments/harness/config/search_space.hpp"
#include "experiments/harness/config/solver_entry.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

namespace {

Json described(Json schema, std::string_view meaning) {
  // Draft 7 ignores what stands beside a $ref.
  if (schema.contains("$ref")) schema = {{"allOf", {std::move(schema)}}};
  schema["description"] = std::string(meaning);
  return schema;
}

Json null_or(Json schema) { return {{"anyOf", {std::move(schema), {{"type", "null"}}}}}; }

Json closed_object(Json properties) {
  return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

Json number_schema(const char* type, const Range& range) {
  Json schema{{"type", type}};
  if (std::isfinite(range.low)) schema[range.low_open ? "exclusiveMinimum" : "minimum"] = range.low;
  if (std::isfinite(range.high)) schema[range.high_open ? "exclusiveMaximum" : "maximum"] = range.high;
  return schema;
}

// A text may look like a number: label: 500.
Json text_schema(const TextForm* form = nullptr) {
  Json schema{{"type", {"string", "number", "boolean"}}, {"minLength", 1}};
  if (form != nullptr) schema["pattern"] = form->pattern;
  if (form != nullptr && form->longest > 0) schema["maxLength"] = form->longest;
  return schema;
}

// A word that looks like a number is written without quotes all the same: type: 1.
Json word_schema(const std::vector<std::string>& words) {
  Json values = words;
  for (const std::string& word : words) {
    if (word.find_first_not_of("0123456789") == std::string::npos) values.push_back(std::stol(word));
  }
  return {{"enum", std::move(values)}};
}

Json list_schema(Json item, std::size_t at_least) {
  Json schema{{"type", "array"}, {"items", std::move(item)}};
  if (at_least > 0) schema["minItems"] = at_least;
  return schema;
}

Json list_schema(Json item, const ListForm& form) {
  Json schema = list_schema(item, form.least.empty() ? 0 : 1);
  if (form.distinct) schema["uniqueItems"] = true;
  if (form.alone == ListForm::Alone::no) return schema;
  return {{"anyOf", {std::move(item), std::move(schema)}}};
}

Json reference_schema(const std::string& definition) { return {{"$ref", "#/definitions/" + definition}}; }

/// [low, high]
Json ends_schema(Json end) {
  Json schema = list_schema(std::move(end), 2);
  schema["maxItems"] = 2;
  return schema;
}

/// Of a value that a declaration only names (kind::Other).
Json named_schema(const std::string& form) {
  if (form.empty() || form == "split") return Json::object();  // the sets' own conditions say what it may be
  if (form == "text") return text_schema();
  if (form == "layer-groups")
    return {{"anyOf", {word_schema({"auto"}), list_schema(number_schema("integer", at_least_one), 1)}}};
  if (form == "[number, number]") return ends_schema(number_schema("number", any_number));
  if (form == "[positive, positive]") return ends_schema(number_schema("number", positive));
  if (form == "[integer, integer]") return ends_schema(number_schema("integer", any_number));
  if (form == "{number}")
    return {{"type", "object"}, {"additionalProperties", number_schema("number", any_number)}};
  const std::string definition = form.substr(1, form.size() - 2);
  if (form.front() == '[') {  // a name alone stands for the entry of that name
    const Json name = reference_schema(definition + "-name");
    return list_schema(Json{{"anyOf", Json::array({name, reference_schema(definition)})}}, 1);
  }
  if (form.front() == '{')
    return {{"type", "object"}, {"additionalProperties", reference_schema(definition)}};
  return reference_schema(form);
}

/// What a value may be; of groups the visitors make more.
Json value_schema(const Kind& value) {
  return std::visit(
      overloaded{
          [](const kind::Boolean&) {
            return Json::object({{"type", "boolean"}});
          },
          [](const kind::Word& word) { return word_schema(word.words); },
          [](const kind::IntegerOrWord& given) {
            return Json::object(
                {{"anyOf", {number_schema("integer", given.range), {{"const", std::string(given.word)}}}}});
          },
          [](const kind::Reals& list) { return list_schema(number_schema("number", list.range), list.form); },
          [](const kind::Integers& list) {
            return list_schema(number_schema("integer", list.range), list.form);
          },
          [](const kind::Text& text) { return text_schema(text.form); },
          [](const kind::Texts& list) { return list_schema(text_schema(), list.form); },
          [](const kind::Group&) { return Json(); },
          [](const kind::Rest&) { return Json(); },
          [](const kind::Other& other) { return named_schema(std::string(other.form)); },
          [](const auto& number) {
            return number_schema(number.type == "real" ? "number" : "integer", number.range);
          },
      },
      value);
}

/// The default as JSON: numbers as YAML writes them, so 0 and not 0.0.
Json default_value(const Kind& value) {
  const std::optional<ConfigValue> usual = default_of(value);
  return usual ? to_json(*usual) : Json();
}

/// Turns a declaration of keys into the schema of their mapping. A group is a definition of its own.
class KeySchema final : public ParameterVisitor {
 public:
  /// `prefix`: of the groups' definitions.
  explicit KeySchema(std::string prefix) : ParameterVisitor(true), prefix_(std::move(prefix)) {}

  Json properties = Json::object();
  Json needed_keys = Json::array();

  void member(const Member& member) override {
    const std::string name(member.name);
    Json schema = value_schema(member.kind);
    if (const auto* group = std::get_if<kind::Group>(&member.kind)) {
      schema = reference_schema(prefix_ + name);
      if (group->optional) schema = null_or(std::move(schema));
    }
    Json usual = member.needed ? Json() : default_value(member.kind);
    if (!usual.is_null()) schema["default"] = std::move(usual);
    properties[name] = described(std::move(schema), member.meaning);
    if (member.needed) needed_keys.push_back(name);
  }

 private:
  std::string prefix_;
};

/// The schema of a mapping with these keys. An overlay is laid over another mapping, so that it needs none of them.
template <class Keys>
Json object_schema(Keys&& keys, const std::string& prefix = {}, bool overlay = false) {
  KeySchema visitor(prefix);
  keys.visit(visitor);
  Json schema = closed_object(std::move(visitor.properties));
  if (!overlay && !visitor.needed_keys.empty()) schema["required"] = std::move(visitor.needed_keys);
  return schema;
}

/// Turns a parameter declaration into the schema of `params` and of `grid`. Members that apply to some choices only are
/// all admitted.
class ParameterSchema final : public ParameterVisitor {
 public:
  /// `definition`: under which name params() will be found; `chosen`: word parameters (dotted) that are set to another
  /// word than their default while the declaration is visited.
  explicit ParameterSchema(const std::string& definition, std::map<std::string, int> chosen = {})
      : ParameterVisitor(true), stack_(1), chosen_(std::move(chosen)) {
    stack_.front().pointer = "#/definitions/" + definition + "/anyOf/0";
  }

  Json params() const {
    Json schema = closed_object(stack_.front().properties);
    if (open_) schema["additionalProperties"] = true;
    return null_or(std::move(schema));
  }
  /// Dotted parameter -> values, in every spelling that a group has.
  Json grid() const {
    Json schema = closed_object(grid_);
    if (!grid_patterns_.empty()) schema["patternProperties"] = grid_patterns_;
    if (open_) schema["additionalProperties"] = list_schema(Json::object(), 1);
    return schema;
  }

  /// The same with ranges, for `search`.
  Json search() const {
    Json schema = grid();
    for (const char* part : {"properties", "patternProperties"}) {
      if (!schema.contains(part)) continue;
      for (auto& [name, values] : schema[part].items())
        values = {{"anyOf", {values, reference_schema("search-range")}}};
    }
    if (open_) {
      schema["additionalProperties"] =
          Json{{"anyOf", Json::array({list_schema(Json::object(), 1), reference_schema("search-range")})}};
    }
    return null_or(std::move(schema));
  }

  /// The word parameters, with the number of their words.
  const std::vector<std::pair<std::string, std::size_t>>& words() const { return words_; }
  /// The parameters that were declared.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [name, schema] : grid_.items()) names.push_back(name);
    return names;
  }

  void member(const Member& member) override {
    if (const auto* group = std::get_if<kind::Group>(&member.kind)) {
      begin_group(member.name, member.meaning);
      group->visit(*this);
      end_group();
      return;
    }
    if (std::holds_alternative<kind::Rest>(member.kind)) {
      open_ = true;
      return;
    }
    const auto* word = std::get_if<kind::Word>(&member.kind);
    if (word != nullptr) choose(member.name, *word);
    Json usual = default_value(member.kind);
    if (const auto* real = std::get_if<kind::Real>(&member.kind)) usual = real->value;
    if (const auto* reals = std::get_if<kind::Reals>(&member.kind); reals != nullptr && usual.is_array())
      usual = reals->values;
    add(member.name, value_schema(member.kind), std::move(usual), member.meaning);
    if (word != nullptr) add_synonyms(member, word->words);
  }

 private:
  void choose(std::string_view name, const kind::Word& word) {
    const std::string full = stack_.back().path + std::string(name);
    words_.emplace_back(full, word.words.size());
    if (const auto other = chosen_.find(full); other != chosen_.end()) word.index = other->second;
    if (stack_.size() > 1 && stack_.back().properties.empty()) stack_.back().words = word.words;
  }
  void add_synonyms(const Member& member, const std::vector<std::string>& words) {
    if (stack_.back().words.empty() || stack_.back().properties.size() > 1) return;
    for (const char* synonym : {"rule", "method"}) {
      if (member.name != synonym) add(synonym, word_schema(words), nullptr, member.meaning);
    }
    // The members may also stand below the word: zL: {fista: {max_iter: 50}}.
    stack_.back().pattern += "((" + alternatives(words) + ")\\.)?";
  }
  void begin_group(std::string_view name, std::string_view meaning) {
    const Frame& parent = stack_.back();
    // Where end_group() puts the mapping: after the word that may stand for it.
    stack_.push_back({std::string(name),
                      std::string(meaning),
                      parent.path + std::string(name) + ".",
                      parent.pattern + std::string(name) + "\\.",
                      parent.member(name),
                      Json::object(),
                      {}});
  }
  void end_group() {
    const Frame frame = std::move(stack_.back());
    stack_.pop_back();
    Json members = closed_object(frame.properties);
    Json spellings = Json::array();
    if (!frame.words.empty()) {
      spellings.push_back(word_schema(frame.words));
      const Json below = null_or({{"$ref", frame.mapping()}});
      for (const std::string& word : frame.words) {
        Json& member =
            members["properties"][word];  // may be a member's name too: delta: {kind: bits, bits: 8}
        member = member.is_null() ? below : Json{{"anyOf", {member, below}}};
      }
      // A word that is a member's name means the member in a grid: delta.bits.
      std::vector<std::string> words = frame.words;
      std::erase_if(words, [&](const std::string& word) { return frame.properties.contains(word); });
      grid_patterns_["^" + stack_.back().pattern + frame.name + "\\.(" + alternatives(words) + ")$"] =
          list_schema(below, 1);
    }
    spellings.push_back(std::move(members));
    spellings.push_back({{"type", "null"}});
    add(frame.name, {{"anyOf", std::move(spellings)}}, nullptr, frame.meaning);
  }

  struct Frame {
    std::string name;
    std::string meaning;
    std::string path;     ///< dotted, ending in a dot: how a grid reaches the members
    std::string pattern;  ///< all ways in which it does, as a regular expression
    std::string pointer;  ///< of the group's schema
    Json properties = Json::object();
    std::vector<std::string> words;  ///< of the first member, if it is a word: it may stand for the group

    /// Pointers to the schema of the mapping and of its members. A group has several spellings (end_group), the top none.
    std::string mapping() const {
      return name.empty() ? pointer : pointer + (words.empty() ? "/anyOf/0" : "/anyOf/1");
    }
    std::string member(std::string_view key) const { return mapping() + "/properties/" + std::string(key); }
  };

  static std::string alternatives(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : "|") + word;
    return text;
  }

  void add(std::string_view name, Json schema, Json value, std::string_view meaning) {
    const Frame& frame = stack_.back();
    const Json list = list_schema({{"$ref", frame.member(name)}}, 1);
    grid_[frame.path + std::string(name)] = list;
    // Editors complete the plain path; other spellings are admitted.
    if (frame.pattern.find('(') != std::string::npos)
      grid_patterns_["^" + frame.pattern + std::string(name) + "$"] = list;
    schema = described(std::move(schema), meaning);
    if (!value.is_null()) schema["default"] = std::move(value);
    stack_.back().properties[std::string(name)] = std::move(schema);
  }

  std::vector<Frame> stack_;
  std::map<std::string, int> chosen_;
  std::vector<std::pair<std::string, std::size_t>> words_;
  bool open_ = false;  ///< other names may be given, too (kind::Rest)
  Json grid_ = Json::object();
  Json grid_patterns_ = Json::object();
};

template <class Parameters>
ParameterSchema schema_of(Parameters&& parameters, ParameterSchema schema) {
  parameters.visit(schema);
  return schema;
}

/// {"if": name is one of `names`, "then": properties}
Json if_name(const std::vector<std::string>& names, Json properties) {
  return {{"if", {{"properties", {{"name", {{"enum", names}}}}}, {"required", {"name"}}}},
          {"then", {{"properties", std::move(properties)}}}};
}

/// Adds `other` to what `schema` admits under each of its names.
void merge_names(Json& schema, const Json& other) {
  for (const auto& [name, values] : other.items()) {
    if (!schema.contains(name)) {
      schema[name] = values;
    } else if (schema[name] != values) {
      schema[name] = {{"anyOf", {schema[name], values}}};
    }
  }
}

/// The definitions params-, grid- and search- of a method. Where another word declares other parameters (the methods that
/// one method can drive), these are admitted as well.
void add_parameters(Json& definitions, const SolverInfo& info) {
  const std::string name = "params-" + info.name;
  const ParameterSchema usual = schema_of(*info.make_default(), ParameterSchema(name));
  Json params = usual.params();
  Json grid = usual.grid();
  Json search = usual.search();
  for (const auto& [word, count] : usual.words()) {
    for (std::size_t choice = 0; choice < count; ++choice) {
      const std::string variant = fmt::format("{}-{}-{}", name, word, choice);
      const ParameterSchema other =
          schema_of(*info.make_default(), ParameterSchema(variant, {{word, static_cast<int>(choice)}}));
      if (other.names() == usual.names()) continue;
      definitions[variant] = other.params();
      params["anyOf"].push_back(reference_schema(variant));
      for (const char* part : {"properties", "patternProperties"}) {
        if (other.grid().contains(part)) merge_names(grid[part], other.grid()[part]);
        if (other.search()["anyOf"][0].contains(part))
          merge_names(search["anyOf"][0][part], other.search()["anyOf"][0][part]);
      }
    }
  }
  definitions[name] = std::move(params);
  definitions["grid-" + info.name] = std::move(grid);
  definitions["search-" + info.name] = std::move(search);
}

void add_solver(Json& definitions) {
  Json schema = object_schema(SolverKeys{});
  std::vector<std::string> names;
  std::vector<std::string> meanings;
  for (const SolverInfo& info : registered_solvers()) {
    names.push_back(info.name);
    meanings.push_back(info.summary);
    add_parameters(definitions, info);
    std::vector<std::string> presets;
    for (const Preset& preset : info.presets) presets.push_back(preset.name);
    schema["allOf"].push_back(
        if_name({info.name}, {{"preset", presets.empty() ? Json(false) : word_schema(presets)},
                              {"params", reference_schema("params-" + info.name)},
                              {"grid", reference_schema("grid-" + info.name)},
                              {"search", reference_schema("search-" + info.name)}}));
  }
  schema["properties"]["name"]["enum"] = names;
  schema["properties"]["name"]["enumDescriptions"] = meanings;
  definitions["solver"] = std::move(schema);
  definitions["solver-name"] = {{"enum", names}};
}

constexpr int deepest_lines = 5;  // definitions, their name, anyOf, properties, parameter

/// Objects and lists down to `depth` with a line for every member, below that on one line.
std::string text_of(const Json& value, int depth, const std::string& margin) {
  if (depth == 0 || value.empty() || !value.is_structured()) return value.dump();
  std::string out = value.is_object() ? "{" : "[";
  for (auto member = value.begin(); member != value.end(); ++member) {
    out += (member == value.begin() ? "\n " : ",\n ") + margin;
    if (value.is_object()) out += Json(member.key()).dump() + ": ";
    out += text_of(*member, depth - 1, margin + " ");
  }
  return out + "\n" + margin + (value.is_object() ? "}" : "]");
}

void add_dataset(Json& definitions) {
  Json schema = object_schema(DatasetEntry{}, "dataset-");
  std::vector<std::string> names;
  std::vector<std::string> meanings;
  std::vector<std::string> graphs;
  std::vector<std::string> not_graphs;
  std::vector<std::string> by_rule;
  std::vector<std::string> one_split;
  std::map<long, std::vector<std::string>> published;  // by their number of splits
  std::vector<std::string> real;
  for (const RegistryEntry& entry : dataset_registry()) {
    names.push_back(entry.name);
    meanings.push_back(entry.summary);
    (entry.graph() ? graphs : not_graphs).push_back(entry.name);
    (entry.split_by_rule() ? by_rule
     : entry.splits() > 0  ? published[entry.splits()]
                           : one_split)
        .push_back(entry.name);
    if (!entry.synthetic()) {
      real.push_back(entry.name);
      continue;
    }
    const GeneratedDataset* generated = find_generated_dataset(entry.name);
    const std::string parameters = "params-" + entry.name;
    definitions[parameters] = schema_of(*generated->make_default(), ParameterSchema(parameters)).params();
    schema["allOf"].push_back(if_name({entry.name}, {{"params", reference_schema("params-" + entry.name)}}));
  }
  schema["allOf"].push_back(if_name(real, {{"params", false}}));
  schema["allOf"].push_back(if_name(not_graphs, {{"graph", false}, {"features", false}}));
  schema["allOf"].push_back(if_name(graphs, {{"zoom", false}, {"classes", false}}));
  schema["allOf"].push_back(if_name(one_split, {{"split", false}}));
  schema["allOf"].push_back(if_name(by_rule, {{"split", word_schema({"released", "one_permutation"})}}));
  for (const auto& [splits, sets] : published) {
    std::optional<long> number;
    const Range numbers{0, static_cast<double>(splits - 1), false, false};
    schema["allOf"].push_back(
        if_name(sets, {{"split", value_schema(kind::IntegerOrWord{number, "seed", numbers})}}));
  }
  schema["properties"]["name"]["enum"] = names;
  schema["properties"]["name"]["enumDescriptions"] = meanings;
  schema["oneOf"] = {{{"required", {"name"}}}, {{"required", {"file"}}}};
  definitions["dataset"] = std::move(schema);
  definitions["dataset-name"] = {{"enum", names}};
}

}  // namespace

std::string schema_text(const Json& schema) { return text_of(schema, deepest_lines, "") + "\n"; }

Json experiment_schema() {
  Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"title", "admmbench experiment"},
              {"description", "An experiment file of admmbench, see docs/reference/experiments.md."}};
  schema.update(object_schema(Experiment{}));
  Json definitions = Json::object();
  add_dataset(definitions);
  definitions["dataset-tune"] = object_schema(DatasetTuning{});
  definitions["graph"] = schema_of(GraphOptions{}, ParameterSchema("graph")).params();
  definitions["network"] = object_schema(NetworkShape{});
  definitions["initial"] = object_schema(InitialPoint{});
  add_solver(definitions);
  definitions["record"] = object_schema(RecordOptions{});
  definitions["stop"] = object_schema(StopRules{});
  definitions["checkpoint"] = object_schema(CheckpointOptions{});
  definitions["parallel"] = object_schema(ParallelOptions{});
  definitions["table"] = object_schema(TableKeys{});
  definitions["rank"] = object_schema(RankKeys{});
  definitions["tune"] = object_schema(TuneOptions{});
  definitions["tune-overlay"] = object_schema(TuneOptions{}, "", true);
  definitions["search-range"] = object_schema(SearchRange{});
  // In a profile mappings are merged key by key, so that none of their keys is needed.
  definitions["network-overlay"] = object_schema(NetworkShape{}, "", true);
  definitions["initial-overlay"] = object_schema(InitialPoint{}, "", true);
  const Json all_keys = object_schema(Experiment{}, "", true)["properties"];
  Json keys = Json::object();
  for (const std::string& key : profile_keys()) keys[key] = all_keys[key];
  Json profile = closed_object(std::move(keys));
  profile["properties"]["network"] = reference_schema("network-overlay");
  profile["properties"]["initial"] = null_or(reference_schema("initial-overlay"));
  profile["properties"]["tune"] = null_or(reference_schema("tune-overlay"));
  definitions["profile"] = std::move(profile);
  schema["definitions"] = std::move(definitions);
  return schema;
}

}  // namespace admmbench
