#include "core/io/latex.hpp"

#include <string_view>

namespace admmbench {

namespace {

std::string latex_character(char c) {
  switch (c) {
    case '\n':
      return " ";
    case '~':
      return "\\textasciitilde{}";
    case '^':
      return "\\textasciicircum{}";
    case '\\':
      return "\\textbackslash{}";
    case '<':
      return "\\textless{}";
    case '>':
      return "\\textgreater{}";
    case '|':
      return "\\textbar{}";
    default:
      return std::string_view("&%$#_{}").find(c) == std::string_view::npos ? std::string(1, c)
                                                                           : std::string("\\") + c;
  }
}

}  // namespace

std::string latex_text(const std::string& text) {
  std::string shown;
  for (const char c : text) shown += latex_character(c);
  return shown;
}

std::string latex_comment_lines(const std::string& text) {
  std::string comment = "% ";
  for (const char c : text) comment += c == '\n' ? std::string("\n% ") : std::string(1, c);
  return comment + "\n";
}

}  // namespace admmbench
