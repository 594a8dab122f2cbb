#pragma once
/// Parameters set by name in tests that do not read files.

#include <map>
#include <stdexcept>
#include <string>

#include "core/parameters.hpp"

namespace admmbench::testing {

/// Sets what `values` names (dotted: "step.rule"), numbers and words written as text.
class SetParameters final : public ParameterVisitor {
 public:
  explicit SetParameters(std::map<std::string, std::string> values) : values_(std::move(values)) {}

  /// Throws if a name was not declared.
  void finish() const {
    if (!values_.empty()) throw std::invalid_argument("no parameter " + values_.begin()->first);
  }

  void member(const Member& member) override {
    if (const auto* group = std::get_if<kind::Group>(&member.kind)) {
      const std::string outer = prefix_;
      prefix_ += std::string(member.name) + ".";
      group->visit(*this);
      prefix_ = outer;
      return;
    }
    const auto found = values_.find(prefix_ + std::string(member.name));
    if (found == values_.end()) return;
    const std::string text = found->second;
    values_.erase(found);
    std::visit(overloaded{
                   [&](const kind::Real& real) { real.value = std::stod(text); },
                   [&](const kind::OptionalReal& real) { real.value = std::stod(text); },
                   [&](const kind::Integer& integer) { integer.value = std::stol(text); },
                   [&](const kind::OptionalInteger& integer) { integer.value = std::stol(text); },
                   [&](const kind::Boolean& boolean) { boolean.value = text == "true"; },
                   [&](const kind::Word& word) {
                     word.index = 0;
                     while (word.words.at(static_cast<std::size_t>(word.index)) != text) ++word.index;
                   },
                   [&](const kind::IntegerOrWord& given) {
                     given.value = text == given.word ? std::nullopt : std::optional(std::stol(text));
                   },
                   [&](const auto&) { throw std::invalid_argument("not set by tests: " + text); },
               },
               member.kind);
  }

 private:
  std::map<std::string, std::string> values_;
  std::string prefix_;
};

/// A solver of the registry with the given parameters.
template <class Info>
auto configured(const Info* info, std::map<std::string, std::string> values) {
  auto result = info->make_default();
  SetParameters setter(std::move(values));
  result->visit(setter);
  setter.finish();
  return result;
}

}  // namespace admmbench::testing
