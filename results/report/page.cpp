#include "results/report/page.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "results/report/json.hpp"

namespace admmbench {

namespace {

struct PageFile {
  std::string_view name, text;
};

const PageFile page_files[] = {
#include "report_page.inc"
};

std::string html_escape(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

/// JSON inside <script>: "</script>" in a text must not end it.
std::string script_safe(const std::string& json) {
  std::string safe;
  safe.reserve(json.size());
  for (const char c : json) safe += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return safe;
}

std::string page_file(std::string_view name) {
  for (const PageFile& file : page_files) {
    if (file.name == name) return std::string(file.text);
  }
  return {};
}

/// All files of one kind, in the order of their names.
std::string joined(std::string_view ending) {
  std::string text;
  for (const PageFile& file : page_files) {
    if (file.name.ends_with(ending)) text += std::string(file.text) + "\n";
  }
  return text;
}

/// `text` with every {{name}} of `values` replaced, in one pass: a value is never looked at again.
std::string fill(const std::string& text, const std::vector<std::pair<std::string, std::string>>& values) {
  std::string filled;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find("{{", at);
    filled += text.substr(at, open - at);
    if (open == std::string::npos) break;
    const std::size_t close = text.find("}}", open);
    const std::string name = text.substr(open + 2, close - open - 2);
    for (const auto& [key, value] : values) {
      if (key == name) filled += value;
    }
    at = close + 2;
  }
  return filled;
}

}  // namespace

std::string render_page(const Report& report, const std::string& title, const std::string& version) {
  return fill(page_file("page.html"), {{"title", html_escape(title)},
                                       {"version", html_escape(version)},
                                       {"style", joined(".css")},
                                       {"script", joined(".js")},
                                       {"data", script_safe(to_json(report))}});
}

}  // namespace admmbench
