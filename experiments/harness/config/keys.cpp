#include "experiments/harness/config/keys.hpp"

#include <cmath>
#include <string>
#include <utility>

namespace admmbench {

namespace {

void add_range(Json& schema, const Range& range) {
  if (std::isfinite(range.low)) schema[range.low_open ? "exclusiveMinimum" : "minimum"] = range.low;
  if (std::isfinite(range.high)) schema[range.high_open ? "exclusiveMaximum" : "maximum"] = range.high;
}

Json with_default(Json schema, Json value) {
  schema["default"] = std::move(value);
  return schema;
}

Json label_schema() {
  Json schema = text_schema();
  schema["pattern"] = "^[-A-Za-z0-9_+=,()][-A-Za-z0-9._+=, ()]*$";
  schema["maxLength"] = 200;
  return schema;
}

Json seeds_schema() {
  Json schema = list_schema(integer_schema(seed_range), 1);
  schema["uniqueItems"] = true;
  return schema;
}

/// [low, high]
Json ends_schema(Json end) {
  Json schema = list_schema(std::move(end), 2);
  schema["maxItems"] = 2;
  return schema;
}

Json name_schema() {
  Json schema = text_schema();
  schema["pattern"] = "^[a-z0-9-]+$";
  return schema;
}

}  // namespace

Json number_schema(const Range& range) {
  Json schema{{"type", "number"}};
  add_range(schema, range);
  return schema;
}

Json integer_schema(const Range& range) {
  Json schema{{"type", "integer"}};
  add_range(schema, range);
  return schema;
}

// A text may look like a number: label: 500.
Json text_schema() { return {{"type", {"string", "number", "boolean"}}, {"minLength", 1}}; }

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

Json reference_schema(const std::string& definition) { return {{"$ref", "#/definitions/" + definition}}; }

std::vector<std::string> precision_words() { return {"float32", "float64"}; }
std::vector<std::string> activation_words() { return {"relu", "leaky_relu", "identity", "tanh", "sigmoid"}; }
std::vector<std::string> loss_words() { return {"cross_entropy", "squared"}; }

std::vector<std::string> tune_methods() { return {"grid", "random"}; }
std::vector<std::string> tune_places() { return {"last", "best"}; }
std::vector<std::string> tune_columns() { return {"val_accuracy", "val_loss"}; }

std::vector<Key> experiment_keys() {
  return {
      {"experiment", "name of the result folder: a-z, 0-9, -", name_schema(), true},
      {"precision", "arithmetic of the methods", with_default(word_schema(precision_words()), "float64")},
      {"datasets", "what the methods are trained on", list_schema(reference_schema("dataset"), 1), true},
      {"network", "the network that is trained", reference_schema("network"), true},
      {"seeds", "one run for each", with_default(seeds_schema(), {0})},
      {"iterations", "iterations of a run", integer_schema(at_least_one), true},
      {"initial",
       "the initial point; without it every method draws its own from the seed",
       {{"anyOf", {reference_schema("initial"), {{"type", "null"}}}}}},
      {"solvers", "the methods, and their settings", list_schema(reference_schema("solver"), 1), true},
      {"record", "what is written, and when", reference_schema("record")},
      {"stop", "rules that end a run before its last iteration", reference_schema("stop")},
      {"threads", "BLAS threads of a run, unless --threads says otherwise", integer_schema(at_least_one)},
      {"note", "a line shown beside the results", text_schema()},
      {"published", "keys of results/published to compare with", list_schema(text_schema(), 0)},
      {"tune",
       "how parameters are chosen on the validation split, before the experiment's own runs",
       {{"anyOf", {reference_schema("tune"), {{"type", "null"}}}}}},
      {"profiles",
       "keys laid over the file by --profile NAME",
       {{"type", "object"}, {"additionalProperties", reference_schema("profile")}}},
  };
}

std::vector<Key> dataset_keys() {
  return {
      {"name", "a registered data set, see admmbench list datasets; or `file`", Json::object()},
      {"file", "a data file, relative to the experiment's folder, else to the working directory; or `name`",
       text_schema()},
      {"label", "in result paths and tables", label_schema()},
      {"graph", "graph sets: how the nodes' neighbourhoods become features", reference_schema("graph")},
      {"train", "keep the first so many training samples", integer_schema(at_least_one)},
      {"validation", "share of the training samples held out, drawn by the run's seed",
       with_default(number_schema(below_one), 0)},
      {"params", "synthetic sets: parameters of the generator", Json::object()},
      {"network", "on this set, laid over the experiment's", reference_schema("network-overlay")},
      {"iterations", "on this set, in place of the experiment's", integer_schema(at_least_one)},
      {"tune", "on this set, in place of the experiment's: the same for every solver",
       reference_schema("dataset-tune")},
  };
}

std::vector<Key> dataset_tune_keys() {
  return {
      {"runs", "of every solver on this set: points times seeds", integer_schema(at_least_one)},
      {"iterations", "of a tuning run on this set", integer_schema(at_least_one)},
  };
}

std::vector<Key> network_keys() {
  return {
      {"hidden", "widths of the hidden layers", list_schema(integer_schema(at_least_one), 1), true},
      {"activation", "of the hidden layers", with_default(word_schema(activation_words()), "relu")},
      {"loss", "of the output layer", with_default(word_schema(loss_words()), "cross_entropy")},
  };
}

std::vector<Key> initial_keys() {
  return {{"file", "W1, b1, ... at the file's root, or under /initial or /final of a result file",
           text_schema(), true}};
}

std::vector<Key> solver_keys() {
  return {
      {"name", "the method, see admmbench list solvers", Json::object(), true},
      {"label", "in result paths and tables", label_schema()},
      {"preset", "a named set of parameters", text_schema()},
      {"params", "parameters; they override the preset, see admmbench describe", Json::object()},
      {"grid", "parameter (dotted: step.rule): list of values; every combination is a run", Json::object()},
      {"search",
       "parameter: [values], or {uniform | log_uniform | integers: [low, high]}; what `tune:` tries",
       Json::object()},
      {"tune", "false: the settings stay as they are although the experiment has `tune:`",
       with_default({{"type", "boolean"}}, true)},
      {"datasets", "labels of the data sets this entry runs on; all if left out",
       list_schema(text_schema(), 1)},
  };
}

std::vector<Key> record_keys() {
  return {
      {"every", "evaluate every so many iterations; the first and the last always",
       with_default(integer_schema(at_least_one), 1)},
      {"iterates", "iterations whose variables are all written; 0: the start",
       list_schema(integer_schema(non_negative), 0)},
      {"weights", "write the first and the last W and b; false: small files",
       with_default({{"type", "boolean"}}, true)},
  };
}

std::vector<Key> stop_keys() {
  return {
      {"time_limit", "seconds of the method's own time", number_schema(positive)},
      {"residual", "stop when the method's residual is at most this", number_schema(non_negative)},
      {"patience",
       "stop after so many iterations without a better validation accuracy (training loss, without "
       "validation)",
       integer_schema(at_least_one)},
      {"target_accuracy",
       "stop when the validation accuracy (test, without validation; training, without both) reaches this",
       number_schema(target_range)},
  };
}

std::vector<Key> tune_keys() {
  return {
      {"method", "all points of the search, or points drawn from it", word_schema(tune_methods()), true},
      {"runs", "of every solver on every data set: points times seeds", integer_schema(at_least_one), true},
      {"iterations", "of a tuning run; those of the experiment if left out", integer_schema(at_least_one)},
      {"seed", "draws the points", with_default(integer_schema(seed_range), 0)},
      {"seeds", "every point is run with each", with_default(seeds_schema(), {0})},
      {"select", "what is best: a column of the validation split",
       with_default(word_schema(tune_columns()), "val_accuracy")},
      {"at", "its last entry, or its best", with_default(word_schema(tune_places()), "last")},
  };
}

std::vector<Key> search_keys() {
  return {
      {"uniform", "[low, high]", ends_schema(number_schema(any_number))},
      {"log_uniform", "[low, high], drawn uniformly in the logarithm", ends_schema(number_schema(positive))},
      {"integers", "[low, high]: all whole numbers between them", ends_schema(integer_schema(any_number))},
      {"points", "turns an interval into so many values, ends included",
       integer_schema({2, 10000, false, false})},
  };
}

std::vector<Key> profile_keys() {
  std::vector<Key> keys = experiment_keys();
  std::erase_if(keys, [](const Key& key) { return key.name == "experiment" || key.name == "profiles"; });
  for (Key& key : keys) key.required = false;
  return keys;
}

std::vector<std::string> key_names(const std::vector<Key>& keys) {
  std::vector<std::string> names;
  names.reserve(keys.size());
  for (const Key& key : keys) names.push_back(key.name);
  return names;
}

}  // namespace admmbench
