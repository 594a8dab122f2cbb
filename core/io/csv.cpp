#include "core/io/csv.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace admmbench {

void write_text_file(const std::filesystem::path& path, const std::string& text) {
  write_text_file(path, [&](std::ostream& out) { out << text; });
}

void write_text_file(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write) {
  const std::filesystem::path temporary = fmt::format("{}.{}.part", path.string(), ::getpid());
  try {
    {
      std::ofstream out(temporary, std::ios::binary);
      write(out);
      out.flush();
      if (!out) throw std::runtime_error(fmt::format("{}: cannot be written", path.string()));
    }
    std::filesystem::rename(temporary, path);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw;
  }
}

std::string read_text_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in.is_open() || in.bad()) throw std::runtime_error(fmt::format("{}: cannot be read", path.string()));
  return text;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::vector<std::vector<std::string>> parse_csv(const std::string& text, const std::string& source) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  std::string field;
  bool quoted = false;    // between quotation marks
  bool anything = false;  // on this line
  long line = 1;
  const auto fail = [&](const std::string& what) {
    throw std::runtime_error(fmt::format("{}:{}: {}", source, line, what));
  };
  const auto end_row = [&] {
    if (!anything) return;
    row.push_back(std::exchange(field, {}));
    if (!rows.empty() && row.size() != rows.front().size()) {
      fail(fmt::format("{} fields, but the first line has {}", row.size(), rows.front().size()));
    }
    rows.push_back(std::exchange(row, {}));
    anything = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      const bool twice = c == '"' && i + 1 < text.size() && text[i + 1] == '"';
      if (twice) ++i;
      if (c == '"' && !twice) {
        quoted = false;
      } else {
        field += c;
      }
    } else if (c == '"' && field.empty()) {
      quoted = anything = true;
    } else if (c == ',') {
      row.push_back(std::exchange(field, {}));
      anything = true;
    } else if (c == '\n') {
      end_row();
    } else if (c != '\r') {
      field += c;
      anything = true;
    }
    if (c == '\n') ++line;
  }
  if (quoted) fail("a quotation mark is not closed");
  end_row();
  return rows;
}

}  // namespace admmbench
