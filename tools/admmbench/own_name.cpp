#include "tools/admmbench/own_name.hpp"

#include <cctype>
#include <cerrno>
#include <string_view>

namespace admmbench {
namespace {

constexpr std::string_view suite_name = "admmbench";

bool in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.' || c == '/';
}

/// Replaces every suite_name that `matches(text, position)` by `name`.
template <class Matches>
std::string replace(std::string text, const std::string& name, Matches matches) {
  for (std::size_t at = 0; (at = text.find(suite_name, at)) != std::string::npos;) {
    if (matches(text, at)) {
      text.replace(at, suite_name.size(), name);
      at += name.size();
    } else {
      at += suite_name.size();
    }
  }
  return text;
}

}  // namespace

std::string own_name() { return program_invocation_short_name; }

std::string detail::in_name(std::string text, const std::string& name) {
  if (name == suite_name) return text;
  return replace(std::move(text), name, [](const std::string& all, std::size_t at) {
    const std::size_t end = at + suite_name.size();
    return (at == 0 || !in_word(all[at - 1])) && end < all.size() && all[end] == ' ';
  });
}

std::string detail::completion_in_name(std::string script, const std::string& name) {
  if (name == suite_name) return script;
  std::string function = name;  // what a shell takes for a function's name
  for (char& c : function) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  script = replace(std::move(script), function,
                   [](const std::string& all, std::size_t at) { return at > 0 && all[at - 1] == '_'; });
  return replace(std::move(script), name,
                 [](const std::string& all, std::size_t at) { return at == 0 || !in_word(all[at - 1]); });
}

std::string in_own_name(std::string text) { return detail::in_name(std::move(text), own_name()); }

std::string completion_in_own_name(std::string script) {
  return detail::completion_in_name(std::move(script), own_name());
}

}  // namespace admmbench
