#include "core/io/yaml_text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

namespace admmbench {
namespace {

constexpr std::size_t most_bytes = std::size_t{4} << 20;
constexpr std::size_t most_values = 300'000;
constexpr std::size_t deepest = 32;

[[noreturn]] void refuse(const YAML::Mark& mark, const std::string& what) {
  throw YAML::ParserException(mark, what);
}

/// What a value amounts to once every alias in it is put in.
struct Extent {
  std::size_t values = 1;
  std::size_t depth = 1;
};

/// Reads a document for nothing but its extent.
class Measure : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(mark, anchor, {}); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string&) override {
    check_tag(mark, tag);
    leaf(mark, anchor, {});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) refuse(mark, "an alias inside what it stands for");
    leaf(mark, 0, known->second);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(mark, tag, anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(mark, tag, anchor);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    YAML::Mark mark;
    YAML::anchor_t anchor;
    Extent extent;
  };

  static void check_tag(const YAML::Mark& mark, const std::string& tag) {
    const bool plain = tag.empty() || tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:");
    if (!plain || tag.find("python") != std::string::npos)
      refuse(mark, fmt::format("the tag '{}' has no meaning here; allowed: none", tag));
  }

  void begin(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    check_tag(mark, tag);
    open_.push_back({mark, anchor, {}});
    if (open_.size() > deepest) refuse(mark, fmt::format("nested too deeply; allowed: {} levels", deepest));
  }

  void end() {
    const Open closed = open_.back();
    open_.pop_back();
    leaf(closed.mark, closed.anchor, closed.extent);
  }

  void leaf(const YAML::Mark& mark, YAML::anchor_t anchor, const Extent& extent) {
    if (anchor != 0) anchors_[anchor] = extent;
    if (open_.size() + extent.depth > deepest + 1)
      refuse(mark, fmt::format("nested too deeply; allowed: {} levels", deepest));
    if (open_.empty()) return;
    Extent& outer = open_.back().extent;
    outer.values += extent.values;
    outer.depth = std::max(outer.depth, extent.depth + 1);
    if (outer.values > most_values) {
      refuse(mark, fmt::format("too many values, its aliases put in; allowed: {}", most_values));
    }
  }

  std::vector<Open> open_;
  std::map<YAML::anchor_t, Extent> anchors_;
};

/// The first character that no text has. UTF-16 and UTF-32 have them everywhere; yaml-cpp knows them by their first bytes.
void check_characters(const std::string& text) {
  const bool utf8 = !text.starts_with("\xff\xfe") && !text.starts_with("\xfe\xff") &&
                    !text.starts_with(std::string_view("\0", 1));
  if (!utf8) return;
  YAML::Mark mark;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if ((code < 0x20 && c != '\t' && c != '\n' && c != '\r') || code == 0x7f)
      refuse(mark, fmt::format("a control character (code {}); allowed: text", code));
    ++mark.pos;
    ++mark.column;
    if (c == '\n') {
      ++mark.line;
      mark.column = 0;
    }
  }
}

/// yaml-cpp's own words about a tab are about tokens.
[[noreturn]] void explain(const YAML::ParserException& error, const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  for (int number = 0; number <= error.mark.line && std::getline(lines, line); ++number) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string::npos || line[begin] != '\t') continue;
    YAML::Mark mark;
    mark.line = number;
    mark.column = static_cast<int>(begin);
    refuse(mark, "a tab at the beginning of a line; allowed: blanks");
  }
  throw error;
}

}  // namespace

YAML::Node load_yaml(const std::string& text) {
  if (text.size() > most_bytes)
    refuse(YAML::Mark(), fmt::format("{} bytes; allowed: {}", text.size(), most_bytes));
  check_characters(text);
  std::istringstream stream(text);
  try {
    YAML::Parser parser(stream);
    Measure measure;
    if (parser.HandleNextDocument(measure)) {
      Measure second;
      if (parser.HandleNextDocument(second)) {
        YAML::Mark mark;
        const std::size_t at = text.find("\n---", 1);
        if (at != std::string::npos)
          mark.line = static_cast<int>(
              std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at) + 1, '\n'));
        refuse(mark, "a second document begins; allowed: one in a file");
      }
    }
    return YAML::Load(text);
  } catch (const YAML::ParserException& error) {
    explain(error, text);
  }
}

YAML::Node load_yaml_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::error_code unknown;
  if (!in || !std::filesystem::is_regular_file(file, unknown)) throw YAML::BadFile(file.string());
  std::string text(most_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return load_yaml(text);
}

}  // namespace admmbench
