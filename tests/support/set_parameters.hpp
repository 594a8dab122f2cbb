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

  void real(std::string_view name, double& value, Range, std::string_view) override {
    take(name, [&](const std::string& text) { value = std::stod(text); });
  }
  void integer(std::string_view name, long& value, Range, std::string_view) override {
    take(name, [&](const std::string& text) { value = std::stol(text); });
  }
  void boolean(std::string_view name, bool& value, std::string_view) override {
    take(name, [&](const std::string& text) { value = text == "true"; });
  }
  void word(std::string_view name, int& index, const std::vector<std::string>& words,
            std::string_view) override {
    take(name, [&](const std::string& text) {
      index = 0;
      while (words.at(static_cast<std::size_t>(index)) != text) ++index;
    });
  }
  void integer_or_word(std::string_view name, std::optional<long>& value, std::string_view word, Range,
                       std::string_view) override {
    take(name, [&](const std::string& text) {
      value = text == word ? std::nullopt : std::optional(std::stol(text));
    });
  }
  void reals(std::string_view, std::vector<double>&, std::string_view) override {}
  void begin_group(std::string_view name, std::string_view) override { prefix_ += std::string(name) + "."; }
  void end_group() override {
    prefix_.pop_back();
    const auto dot = prefix_.rfind('.');
    prefix_.resize(dot == std::string::npos ? 0 : dot + 1);
  }

 private:
  template <class Use>
  void take(std::string_view name, Use use) {
    const auto found = values_.find(prefix_ + std::string(name));
    if (found == values_.end()) return;
    use(found->second);
    values_.erase(found);
  }

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
