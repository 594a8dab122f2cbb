#include "tools/admmbench/commands/template_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "datasets/generator.hpp"
#include "datasets/registry.hpp"
#include "experiments/harness/config/yaml_tree.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

namespace {

constexpr std::size_t longest_name = 60;

[[noreturn]] void refuse_name(const std::string& given, const std::string& what) {
  config_error("new", given, what);
}

/// The names of experiments, which it is too: a-z, 0-9, in words joined by single -; a letter first, as in identifiers.
bool is_well_formed(const std::string& given) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_ordinary = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  if (given.empty() || !is_letter(given.front())) return false;
  char before = '-';
  for (const char c : given) {
    if (!is_ordinary(c) && (c != '-' || before == '-')) return false;
    before = c;
  }
  return before != '-';
}

/// Words that YAML reads as something else than text.
bool is_yaml_word(const std::string& given) {
  constexpr std::array<std::string_view, 9> words{"null", "true", "false", "yes", "no",
                                                  "on",   "off",  "y",     "n"};
  return std::find(words.begin(), words.end(), given) != words.end();
}

bool is_dataset(const std::string& name) {
  const auto& known = dataset_registry();
  return std::any_of(known.begin(), known.end(),
                     [&](const RegistryEntry& entry) { return entry.name == name; });
}

void replace_all(std::string& text, std::string_view from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

}  // namespace

TemplateNames::TemplateNames(const std::string& given, const std::string& kind) : name(given) {
  if (!is_well_formed(given) || given.size() > longest_name) {
    refuse_name(
        given,
        fmt::format("it becomes names of files, classes and experiments; allowed: at most {} of a-z and "
                    "0-9, a letter first, in words joined by -, such as my-admm",
                    longest_name));
  }
  if (is_yaml_word(given))
    refuse_name(given, "YAML takes it for something else than a name; allowed: another, such as my-admm");
  identifier = given;
  std::replace(identifier.begin(), identifier.end(), '-', '_');
  bool first = true;
  for (const char c : given) {
    if (c != '-') camel += first ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    first = c == '-';
  }
  if (kind == "solver" && find_solver(identifier) != nullptr)
    refuse_name(given, fmt::format("there is a solver '{}' already; allowed: another name", identifier));
  if (kind == "dataset" && is_dataset(given))
    refuse_name(given, fmt::format("there is a data set '{}' already; allowed: another name", given));
}

std::string filled(std::string text, const TemplateNames& names) {
  replace_all(text, "my-name", names.name);
  replace_all(text, "my_name", names.identifier);
  replace_all(text, "MyName", names.camel);
  return text;
}

}  // namespace admmbench
