#include "experiments/harness/config/yaml_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace admmbench {

namespace {

std::string shown(const ConfigValue& value) {
  switch (value.kind) {
    case ConfigValue::Kind::null:
      return "nothing";
    case ConfigValue::Kind::list:
      return "a list";
    case ConfigValue::Kind::map:
      return "a mapping";
    case ConfigValue::Kind::scalar:
      break;
  }
  return value.quoted ? fmt::format("the text \"{}\"", value.text) : fmt::format("'{}'", value.text);
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      const std::size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

/// "a number > 0", "a whole number in [1, 5]", "a finite number".
std::string number_in(std::string_view kind, const Range& range) {
  const std::string text = to_string(range);
  return text == "finite" ? fmt::format("a finite {}", kind) : fmt::format("a {} {}", kind, text);
}

}  // namespace

bool read_number(const ConfigValue& value, double& result) {
  if (!value.is_scalar() || value.quoted) return false;
  std::string_view text = value.text;
  bool negative = false;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text == ".inf" || text == ".Inf" || text == ".INF" || text == ".nan" || text == ".NaN" ||
      text == ".NAN") {
    result = text[1] == 'i' || text[1] == 'I' ? infinite : std::numeric_limits<double>::quiet_NaN();
  } else {
    if (text.empty() || (text.front() != '.' && (text.front() < '0' || text.front() > '9'))) return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
    if (error == std::errc::invalid_argument || end != text.data() + text.size()) return false;
    if (error == std::errc::result_out_of_range) result = infinite;
  }
  if (negative) result = -result;
  return true;
}

double to_real(const ConfigValue& value, const std::string& key, const Range& range) {
  double result = 0;
  if (!read_number(value, result)) {
    config_error(value.origin, key,
                 fmt::format("{} is not a number; allowed: {}", shown(value), number_in("number", range)));
  }
  if (!std::isfinite(result) || !range.contains(result)) {
    config_error(value.origin, key,
                 fmt::format("{} is out of range; allowed: {}", value.text, number_in("number", range)));
  }
  return result;
}

long to_integer(const ConfigValue& value, const std::string& key, const Range& range) {
  // Beyond 2^53 a double has no last digit; nothing here is that large.
  constexpr double largest = 9007199254740992.0;
  double result = 0;
  const bool number = read_number(value, result);
  if (number && std::abs(result) > largest) {
    config_error(value.origin, key,
                 fmt::format("{} is out of range; allowed: {}, at most 9007199254740992 in size", value.text,
                             number_in("whole number", range)));
  }
  if (!number || std::floor(result) != result) {
    config_error(
        value.origin, key,
        fmt::format("{} is not a whole number; allowed: {}", shown(value), number_in("whole number", range)));
  }
  if (!range.contains(result)) {
    config_error(
        value.origin, key,
        fmt::format("{} is out of range; allowed: {}", value.text, number_in("whole number", range)));
  }
  return static_cast<long>(result);
}

bool to_boolean(const ConfigValue& value, const std::string& key) {
  if (value.is_scalar() && !value.quoted) {
    if (value.text == "true" || value.text == "True" || value.text == "TRUE") return true;
    if (value.text == "false" || value.text == "False" || value.text == "FALSE") return false;
  }
  config_error(value.origin, key,
               fmt::format("{} is neither true nor false; allowed: true, false", shown(value)));
}

std::string to_text(const ConfigValue& value, const std::string& key, const TextForm* form) {
  if (!value.is_scalar() || value.text.empty()) {
    config_error(value.origin, key, fmt::format("{} is not a text; allowed: a text", shown(value)));
  }
  if (form != nullptr && !form->fits(value.text))
    config_error(value.origin, key, fmt::format("'{}' {}", value.text, form->wrong));
  return value.text;
}

int to_word(const ConfigValue& value, const std::string& key, const std::vector<std::string>& words) {
  const auto found = value.is_scalar() ? std::find(words.begin(), words.end(), value.text) : words.end();
  if (found == words.end()) {
    config_error(value.origin, key,
                 fmt::format("{} is not one of the choices{}; allowed: {}", shown(value),
                             value.is_scalar() ? did_you_mean(value.text, words) : "", join(words)));
  }
  return static_cast<int>(found - words.begin());
}

const std::vector<ConfigValue>& to_items(const ConfigValue& value, const std::string& key,
                                         std::string_view meaning) {
  if (!value.is_list()) {
    config_error(value.origin, key,
                 fmt::format("{} is not a list; allowed: a list of {}", shown(value), meaning));
  }
  return value.items;
}

Json to_json(const ConfigValue& value) {
  switch (value.kind) {
    case ConfigValue::Kind::null:
      return nullptr;
    case ConfigValue::Kind::scalar: {
      double number = 0;
      if (read_number(value, number)) {
        const bool whole = std::floor(number) == number && std::abs(number) < 1e15;
        return whole ? Json(static_cast<std::int64_t>(number)) : Json(number);
      }
      if (!value.quoted && (value.text == "true" || value.text == "false")) return value.text == "true";
      return value.text;
    }
    case ConfigValue::Kind::list: {
      Json list = Json::array();
      for (const ConfigValue& item : value.items) list.push_back(to_json(item));
      return list;
    }
    case ConfigValue::Kind::map:
      break;
  }
  Json map = Json::object();
  for (const auto& [key, member] : value.members) map[key] = to_json(member);
  return map;
}

std::string join(const std::vector<std::string>& words) {
  constexpr std::size_t shown = 8;
  constexpr std::size_t hidden = 2;  // fewer are shown in the room that their number would take
  if (words.size() <= shown + hidden) return fmt::format("{}", fmt::join(words, ", "));
  return fmt::format("{} and {} more", fmt::join(words.begin(), words.begin() + shown, ", "),
                     words.size() - shown);
}

namespace {

/// What is called otherwise where many users come from, PyTorch first, and what `ours` is that.
struct ForeignWord {
  std::string_view word;
  std::string_view ours;
  std::string_view remark = "";
};

constexpr ForeignWord foreign_words[] = {
    {"lr", "learning_rate"},
    {"weight_decay", "mu", "the penalty (mu/2)||W||^2; `decoupled: true` makes it AdamW's"},
    {"wd", "mu", "the penalty (mu/2)||W||^2"},
    {"eps", "epsilon"},
    {"betas", "beta1", "and the second of the two 'beta2'"},
    {"batchsize", "batch_size"},
    {"batch", "batch_size"},
    {"lr_scheduler", "schedule"},
    {"scheduler", "schedule"},
    {"warmup", "schedule.warm_up"},
    {"init", "weights"},
    {"epochs", "iterations", "one is one pass over the samples"},
    {"num_epochs", "iterations", "one is one pass over the samples"},
    {"max_epochs", "iterations", "one is one pass over the samples"},
    {"max_iter", "iterations"},
    {"steps", "iterations", "one is one pass over the samples"},
    {"model", "network"},
    {"architecture", "network"},
    {"optimizer", "solvers", "a list"},
    {"optimizers", "solvers"},
    {"optimiser", "solvers", "a list"},
    {"solver", "solvers", "a list"},
    {"algorithm", "solvers", "a list"},
    {"dataset", "datasets", "a list"},
    {"data", "datasets", "a list"},
    {"seed", "seeds", "a list, or their number"},
    {"random_state", "seeds", "a list, or their number"},
    {"dtype", "precision"},
    {"name", "experiment"},
    {"early_stopping", "stop"},
    {"hidden_size", "hidden", "a list of widths"},
    {"hidden_sizes", "hidden"},
    {"hidden_layers", "hidden", "a list of widths"},
    {"layers", "hidden", "a list of widths"},
    {"criterion", "loss"},
    {"loss_fn", "loss"},
    {"nonlinearity", "activation"},
    {"adamw", "adam", "with `preset: adamw`"},
    {"nesterov", "sgd", "with `nesterov: true`"},
    {"momentum", "sgd", "with `momentum`"},
    {"l-bfgs", "lbfgs"},
    {"schedulefree", "schedule_free"},
    {"gelu", "relu", "the nearest of those whose sub-problems can be solved"},
    {"silu", "relu", "the nearest of those whose sub-problems can be solved"},
    {"swish", "relu", "the nearest of those whose sub-problems can be solved"},
    {"elu", "leaky_relu", "the nearest of those whose sub-problems can be solved"},
    {"linear", "identity"},
    {"none", "identity"},
    {"logistic", "sigmoid"},
    {"binary", "sign"},
    {"heaviside", "step"},
    {"threshold", "step"},
    {"hard_threshold", "step"},
    {"mse", "squared"},
    {"mse_loss", "squared"},
    {"l2", "squared"},
    {"crossentropy", "cross_entropy"},
    {"ce", "cross_entropy"},
    {"nll", "cross_entropy"},
    {"float", "float32"},
    {"single", "float32"},
    {"double", "float64"},
    {"bfloat16", "float32", "the shortest there is"},
    {"float16", "float32", "the shortest there is"},
};

/// "; 'lr' is called 'learning_rate' here" if that is one of `words`, else nothing.
std::string called_otherwise(std::string_view word, const std::vector<std::string>& words) {
  std::string lower(word);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const ForeignWord& foreign : foreign_words) {
    if (foreign.word != lower) continue;
    // A member of a group is found by the group's name.
    const std::string_view first = foreign.ours.substr(0, foreign.ours.find('.'));
    if (std::find(words.begin(), words.end(), first) == words.end()) continue;
    return fmt::format("; it is called '{}' here{}{}", foreign.ours, foreign.remark.empty() ? "" : ", ",
                       foreign.remark);
  }
  return {};
}

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string>& words) {
  if (std::string answer = called_otherwise(word, words); !answer.empty()) return answer;
  const std::string* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string& candidate : words) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = &candidate;
      best_distance = distance;
    }
  }
  return best == nullptr ? "" : fmt::format("; did you mean '{}'?", *best);
}

ConfigProblem unknown_key(const Origin& origin, const std::string& path, const std::string& key,
                          const std::vector<std::string>& allowed) {
  return {origin, child_path(path, key),
          fmt::format("unknown key{}; allowed: {}", did_you_mean(key, allowed),
                      allowed.empty() ? "no keys" : join(allowed))};
}

std::string child_path(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

void check_mapping(const ConfigValue& value, const std::string& path, const std::vector<std::string>& allowed,
                   ConfigProblems& problems) {
  if (!value.is_map()) {
    problems.add(
        value.origin, path.empty() ? "experiment file" : path,
        fmt::format("{} is not a mapping; allowed: a mapping with the keys {}", shown(value), join(allowed)));
  }
  for (const auto& [key, member] : value.members) {
    if (problems.full()) break;
    if (std::find(allowed.begin(), allowed.end(), key) == allowed.end())
      problems.add(unknown_key(member.origin, path, key, allowed));
  }
}

}  // namespace admmbench
