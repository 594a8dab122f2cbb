/// Parameters read from YAML, written resolved and listed, from one declaration.

#include <boost/test/unit_test.hpp>

#include "core/problem/step_rule.hpp"
#include "experiments/harness/config/parameter_visitors.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(parameters_test)

namespace {

struct Inner {
  enum class Kind { newton, fista };
  Kind kind = Kind::newton;
  long max_iter = 500;
  double tol = 1e-3;
  void visit(ParameterVisitor& v) {
    v.choice("method", kind, {"newton", "fista"}, "inner solver");
    if (kind == Kind::fista || v.wants_all()) {
      v.integer("max_iter", max_iter, at_least_one, "iterations");
      v.real("tol", tol, positive, "tolerance");
    }
  }
};

struct Sample {
  double rho = 1e-6;
  bool accelerate = true;
  std::optional<long> batch;
  std::vector<double> levels{1, 2};
  StepRule step;
  Inner zL;
  void visit(ParameterVisitor& v) {
    v.real("rho", rho, positive, "penalty");
    v.boolean("accelerate", accelerate, "acceleration");
    v.integer_or_word("batch", batch, "full", at_least_one, "batch size");
    v.reals("levels", levels, "levels");
    v.group("step", step, "step rule");
    v.group("zL", zL, "z_L");
  }
};

/// Parameters of a program that the suite does not know.
struct Open {
  double limit = 1;
  Inner inner;
  std::vector<std::pair<std::string, std::string>> own;
  void visit(ParameterVisitor& v) {
    v.real("limit", limit, positive, "limit");
    v.group("inner", inner, "inner");
    v.rest(own, "handed on");
  }
};

Sample read(const std::string& yaml) {
  Sample sample;
  read_parameters(sample, parse_yaml(yaml, "f"), "params");
  return sample;
}

std::string error_of(const std::string& yaml) {
  try {
    read(yaml);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

void check_contains(const std::string& text, const std::string& part) {
  BOOST_TEST(text.find(part) != std::string::npos, "no '" << part << "' in: " << text);
}

}  // namespace

BOOST_AUTO_TEST_CASE(plain_values) {
  const Sample sample = read("{rho: 1.0e-3, accelerate: false, batch: 1e2, levels: [1, 2.5]}");
  BOOST_TEST(sample.rho == 1e-3);
  BOOST_TEST(!sample.accelerate);
  BOOST_TEST(*sample.batch == 100);
  BOOST_TEST(sample.levels == (std::vector<double>{1, 2.5}));
  BOOST_TEST(read("{rho: 1e-06}").rho == 1e-6);
  BOOST_TEST(read("{batch: 10.0}").batch.value() == 10);
  BOOST_TEST(!read("{batch: full}").batch.has_value());
  BOOST_TEST(read("{}").rho == 1e-6);
}

BOOST_AUTO_TEST_CASE(groups_in_all_forms) {
  BOOST_TEST((read("{step: backtracking}").step.kind == StepRule::Kind::backtracking));
  const Sample mapping = read("{step: {rule: backtracking, initial: 3, growth: 4}}");
  BOOST_TEST(mapping.step.initial == 3);
  BOOST_TEST(mapping.step.growth == 4);
  BOOST_TEST(read("{step: {method: backtracking, initial: 3}}").step.initial == 3);
  BOOST_TEST(read("{step: {backtracking: {initial: 5}}}").step.initial == 5);
  BOOST_TEST((read("{zL: fista}").zL.kind == Inner::Kind::fista));
  BOOST_TEST(read("{zL: {fista: {max_iter: 7}}}").zL.max_iter == 7);
  BOOST_TEST((read("{zL: {fista: {max_iter: 7}}}").zL.kind == Inner::Kind::fista));
  BOOST_TEST(read("{zL: {rule: fista, tol: 1}}").zL.tol == 1);
}

BOOST_AUTO_TEST_CASE(mistakes) {
  check_contains(error_of("{step: {rule: exact, growth: 2}}"),
                 "params.step.growth: does not apply with rule exact");
  check_contains(error_of("{zL: {max_iter: 3}}"), "params.zL.max_iter: does not apply with method newton");
  check_contains(error_of("{step: {rule: backtracking, grwth: 2}}"), "did you mean 'growth'?");
  check_contains(error_of("{step: {rule: exact, method: exact}}"), "means the same as");
  check_contains(error_of("{step: {fista: {}}}"), "params.step.fista: unknown key");
  check_contains(error_of("{zL: {fista: {growth: 2}}}"), "params.zL.fista.growth: unknown key");
  check_contains(error_of("{step.growth: 2}"),
                 "params.step.growth: a name with dots is for `search` and --set; here: step: {growth: ...}");
  check_contains(error_of("{step.sideways: 2}"), "params.step.sideways: unknown key");
  check_contains(error_of("{step: sideways}"), "exact, backtracking, lipschitz");
  check_contains(error_of("{step: {rule: backtracking, growth: 1}}"),
                 "params.step.growth: 1 is out of range; allowed: a number > 1");
  check_contains(error_of("{batch: half}"), "or full");
  check_contains(error_of("{accelerate: 1}"), "true, false");
  check_contains(error_of("\nrho: x"), "f:2: params.rho");
  check_contains(error_of("[1]"), "not a mapping");
}

namespace {

/// Lists with a value for every stage, of which the first says how many there are.
struct Staged {
  std::vector<double> stages{2, 5, 10};
  std::vector<double> drop{0.1};
  std::vector<long> after{3};
  std::vector<double> cap{1};
  void visit(ParameterVisitor& v) {
    using Alone = ListForm::Alone;
    v.reals("stages", stages, "layer counts");
    v.reals("drop", drop, any_number, {.least = "one value", .alone = Alone::stored, .stages = stages.size()},
            "");
    v.integers("after", after, at_least_one,
               {.least = "one value", .alone = Alone::stored, .stages = stages.size()}, "");
    v.reals("cap", cap, positive, {.least = "one value", .alone = Alone::read, .stages = stages.size()}, "");
  }
};

Staged read_staged(const std::string& yaml) {
  Staged staged;
  read_parameters(staged, parse_yaml(yaml, "f"), "params");
  return staged;
}

std::string staged_error(const std::string& yaml) {
  try {
    read_staged(yaml);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

/// One value may stand without brackets; what is stored alone and what as a list is the declaration's choice.
BOOST_AUTO_TEST_CASE(a_value_alone_is_a_list_of_one) {
  BOOST_TEST(read_staged("{drop: 0.5}").drop == (std::vector<double>{0.5}));
  BOOST_TEST(read_staged("{after: 21}").after == (std::vector<long>{21}));
  BOOST_TEST(read_staged("{cap: [1, 1, 0.5]}").cap == (std::vector<double>{1, 1, 0.5}));
  BOOST_TEST(to_flow(write_parameters(read_staged("{drop: [0.5], after: [3, 3, 21], cap: 2}"))) ==
             "{stages: [2, 5, 10], drop: 0.5, after: [3, 3, 21], cap: [2]}");
  const std::vector<ParameterEntry> entries = list_parameters(Staged{}).entries;
  BOOST_TEST(entries[1].type == "real | reals");
  BOOST_TEST(entries[1].value == "0.1");
  BOOST_TEST(entries[2].type == "integer | integers");
  BOOST_TEST(entries[2].allowed == ">= 1");
  BOOST_TEST(entries[3].value == "[1]");
  BOOST_TEST(staged_error("stages: 2") ==
             "f:1: params.stages: '2' is not a list; allowed: a list of numbers");
}

BOOST_AUTO_TEST_CASE(a_list_has_one_value_or_one_per_stage) {
  const std::string wrong = "values for 3 stages; allowed: one value, which holds for all, or 3";
  BOOST_TEST(staged_error("\ndrop: [1, 2]") == "f:2: params.drop: has 2 " + wrong);
  BOOST_TEST(staged_error("\n\nafter: [1, 2, 3, 4]") == "f:3: params.after: has 4 " + wrong);
  BOOST_TEST(staged_error("cap: [1, 1, 1]") == "no error");
  // The stages may come after in the file, and a list that does not fit them may be the default's or a preset's.
  BOOST_TEST(staged_error("drop: [1, 2]\nstages: [2, 5]") == "no error");
  BOOST_TEST(staged_error("drop: [1, 2]\nstages: [5]") ==
             "f:1: params.drop: has 2 values for 1 stage; allowed: one value");
  Staged preset;
  preset.cap = {1, 1, 0.1};
  ConfigProblems problems;
  read_parameters(preset, parse_yaml("\nstages: [2, 5]", "f"), "params", problems);
  BOOST_TEST_REQUIRE(problems.found().size() == 1u);
  check_contains(problems.found().front().text(), "params.cap: has 3 values for 2 stages");
  check_contains(problems.found().front().text(), "f:");
  check_contains(staged_error("drop: []"), "params.drop: empty; allowed: at least one value");
  check_contains(staged_error("cap: [1, 0, 1]"), "params.cap: 0 is out of range; allowed: a number > 0");
  check_contains(staged_error("after: [3, 1.5, 3]"), "is not a whole number");
}

BOOST_AUTO_TEST_CASE(resolved_values_round_trip) {
  Sample sample = read("{rho: 0.1, step: {rule: backtracking, growth: 3}, zL: fista, batch: 8}");
  const std::string text = to_flow(write_parameters(sample));
  BOOST_TEST(text ==
             "{rho: 0.1, accelerate: true, batch: 8, levels: [1, 2], step: {rule: backtracking, initial: 1, "
             "growth: 3}, "
             "zL: {method: fista, max_iter: 500, tol: 0.001}}");
  Sample again = read(text);
  BOOST_TEST(to_flow(write_parameters(again)) == text);
  BOOST_TEST(number_text(1e-6) == "1.0e-06");  // YAML 1.1 takes 1e-06 for text
  for (const double value : {0.1, 1.0 / 3, 1e-300, -2.5e17, 4.0}) {
    BOOST_TEST(std::stod(number_text(value)) == value);
  }
}

BOOST_AUTO_TEST_CASE(listing_shows_every_member) {
  Sample sample;
  ParameterLister lister;
  sample.visit(lister);
  std::vector<std::string> names;
  for (const ParameterEntry& entry : lister.entries) names.push_back(entry.name);
  const std::vector<std::string> expected{"rho",  "accelerate", "batch",        "levels",
                                          "step", "step.rule",  "step.initial", "step.growth",
                                          "zL",   "zL.method",  "zL.max_iter",  "zL.tol"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
  BOOST_TEST(lister.entries[0].allowed == "> 0");
  BOOST_TEST(lister.entries[0].value == "1.0e-06");
  BOOST_TEST(lister.entries[5].type == "exact | backtracking | lipschitz");
}

namespace {

struct Part {
  std::string file;
  void visit(ParameterVisitor& v) { v.needed().text("file", file, "a file"); }
};

const TextForm lower_case{"^[a-z]+$", 0,
                          [](std::string_view text) {
                            return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz") ==
                                   std::string_view::npos;
                          },
                          "is not in lower case; allowed: a-z"};

/// A mapping of an experiment file, with every kind of key that parameters do not have.
struct Keys {
  std::string name;
  long runs = 0;
  std::optional<double> limit;
  std::vector<long> seeds{0};
  std::vector<std::string> tags;
  bool small = false;
  std::string column = "accuracy";
  std::optional<Part> part;
  void visit(ParameterVisitor& v) {
    v.needed().text("name", name, "a name", &lower_case);
    v.needed().integer("runs", runs, at_least_one, "how many");
    v.real("limit", limit, positive, "seconds");
    v.integers("seeds", seeds, non_negative, {.least = "one seed", .distinct = true}, "seeds");
    v.texts("tags", tags, {.items = "tags", .least = "one tag"}, "tags");
    v.stored_if(small).boolean("small", small, "small files");
    v.choice("column", column, {"accuracy", "loss"}, "a column");
    v.group("part", part, "a part");
    v.other("list", "[part]", "parts");
  }
};

std::string key_errors(const std::string& yaml, ParameterReader::Style style = ParameterReader::Style::keys) {
  Keys keys;
  ConfigProblems problems;
  read_parameters(keys, parse_yaml(yaml, "f"), "top", problems, style);
  std::string text;
  for (const ConfigProblem& problem : problems.found()) text += problem.text() + "\n";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(keys_are_read_and_stored) {
  const ConfigValue given = parse_yaml(
      "{name: a, runs: 2, limit: 0.5, seeds: [3, 1], tags: [a, b], small: true, column: loss, part: {file: "
      "f}, list: [1]}",
      "f");
  Keys keys;
  ConfigProblems problems;
  read_keys(keys, given, "", problems);
  BOOST_TEST(problems.found().empty());
  BOOST_TEST(to_flow(write_parameters(keys)) ==
             "{name: a, runs: 2, limit: 0.5, seeds: [3, 1], tags: [a, b], small: true, column: loss, part: "
             "{file: f}}");
  Keys least;
  read_keys(least, parse_yaml("{name: a, runs: 1, part: null}", "f"), "", problems);
  BOOST_TEST(problems.found().empty());
  BOOST_TEST(to_flow(write_parameters(least)) == "{name: a, runs: 1, seeds: [0], column: accuracy}");
}

BOOST_AUTO_TEST_CASE(mistakes_in_keys) {
  check_contains(key_errors("{runs: 1}"), "f:1: top.name: missing; this key is needed");
  check_contains(key_errors("{name: a, runs: null}"), "top.runs: missing");
  check_contains(key_errors("{name: A, runs: 1}"), "top.name: 'A' is not in lower case; allowed: a-z");
  check_contains(key_errors("{name: a, runs: 1, seds: [1]}"),
                 "top.seds: unknown key; did you mean 'seeds'?; allowed: name, runs");
  check_contains(key_errors("{name: a, runs: 1, seeds: []}"), "top.seeds: empty; allowed: at least one seed");
  check_contains(key_errors("{name: a, runs: 1, seeds: [2, 2]}"), "top.seeds: 2 is given twice");
  check_contains(key_errors("{name: a, runs: 1, tags: 3}"), "'3' is not a list; allowed: a list of tags");
  check_contains(key_errors("{name: a, runs: 1, tags: []}"), "at least one tag");
  check_contains(key_errors("{name: a, runs: 1, column: los}"), "did you mean 'loss'?");
  check_contains(key_errors("{name: a, runs: 1, part: {}}"), "top.part.file: missing");
  check_contains(key_errors("{name: a, runs: 1, part: 3}"),
                 "top.part: '3' is not a mapping; allowed: a mapping with the keys file");
  check_contains(key_errors("3"), "top: '3' is not a mapping; allowed: a mapping with the keys name, runs");
  // An overlay needs nothing, and is checked all the same.
  BOOST_TEST(key_errors("{limit: 1}", ParameterReader::Style::overlay).empty());
  check_contains(key_errors("{limit: 0}", ParameterReader::Style::overlay), "top.limit: 0 is out of range");
}

BOOST_AUTO_TEST_CASE(listed_keys_have_the_defaults_that_there_are) {
  for (const ParameterEntry& entry : list_parameters(Keys{}).entries) {
    const bool has_default = entry.name == "seeds" || entry.name == "small" || entry.name == "column";
    BOOST_TEST(!entry.value.empty() == has_default, entry.name);
    BOOST_TEST(entry.needed == (entry.name == "name" || entry.name == "runs" || entry.name == "part.file"));
  }
}

BOOST_AUTO_TEST_CASE(a_word_is_set_by_its_path) {
  Sample sample;
  sample.step.kind = StepRule::Kind::exact;
  prefer_word(sample, "step.rule", "lipschitz");
  BOOST_TEST((sample.step.kind == StepRule::Kind::lipschitz));
  prefer_word(sample, "step.rule", "none of them");
  prefer_word(sample, "zL.rule", "fista");
  BOOST_TEST((sample.step.kind == StepRule::Kind::lipschitz));
  BOOST_TEST((sample.zL.kind == Inner::Kind::newton));
}

BOOST_AUTO_TEST_CASE(places_are_found_by_path) {
  const ConfigValue root = parse_yaml("a: 1\nb:\n  - {c: 2}\n  -\n    c: 3\n", "f");
  BOOST_TEST(find_path(root, "b.1.c")->text == "3");
  BOOST_TEST(find_path(root, "b.2.c") == nullptr);
  BOOST_TEST(find_path(root, "a.c") == nullptr);
  BOOST_TEST(origin_of(root, "b.1.c").line == 5);
  BOOST_TEST(origin_of(root, "b.0.d").line == 3);  // not written: the nearest mapping around it
  BOOST_TEST(origin_of(root, "z").line == 1);
}

BOOST_AUTO_TEST_CASE(the_rest_is_handed_on_as_json) {
  const auto values = parse_yaml(
      "{lr: 0.1, limit: 2, text: \"007\", yes: true, none: null, list: [1, [a]], inner: {method: fista}, "
      "map: {b: 1e-3}}",
      "f");
  Open open;
  read_parameters(open, values, "params");
  BOOST_TEST(open.limit == 2);
  BOOST_TEST((open.inner.kind == Inner::Kind::fista));
  const std::vector<std::pair<std::string, std::string>> expected{
      {"lr", "0.1"},    {"text", "\"007\""},     {"yes", "true"},
      {"none", "null"}, {"list", "[1,[\"a\"]]"}, {"map", "{\"b\":0.001}"}};
  BOOST_TEST((open.own == expected));
  // Written and read again it is the same.
  Open again;
  read_parameters(again, write_parameters(open), "params");
  BOOST_TEST((again.own == expected));
  // What is laid over it replaces a value and adds one.
  read_parameters(open, parse_yaml("{lr: 0.2, new: 1}", "f"), "params");
  BOOST_TEST(open.own.front().second == "0.2");
  BOOST_TEST((open.own.back() == std::pair<std::string, std::string>{"new", "1"}));
  // Groups stay closed.
  BOOST_CHECK_THROW(read_parameters(open, parse_yaml("{inner: {other: 1}}", "f"), "params"), ConfigError);
}

BOOST_AUTO_TEST_SUITE_END()
