#include "core/io/csv.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ext/stdio_filebuf.h>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "core/io/temporary.hpp"

namespace admmbench {

void write_text_file(const std::filesystem::path& path, const std::string& text) {
  write_text_file(path, [&](std::ostream& out) { out << text; });
}

namespace {

/// Where text written to a path goes.
struct Target {
  std::filesystem::path path;
  bool in_place = false;  ///< a pipe, a device or an open descriptor: it has a reader who must get the text
};

/// Follows links by hand: what a link points to is replaced, the link stays.
Target target_of(std::filesystem::path path) {
  constexpr int most_links = 40;
  for (int links = 0; links < most_links; ++links) {
    std::error_code ignored;
    const auto status = std::filesystem::symlink_status(path, ignored);
    if (std::filesystem::is_symlink(status)) {
      // /dev/stdout leads to /proc/self/fd/1, which is whatever is open there.
      if (path.string().starts_with("/proc/")) return {path, true};
      const auto to = std::filesystem::read_symlink(path);
      path = to.is_absolute() ? to : path.parent_path() / to;
      // A linked folder on the way (/dev/fd): only its real name tells where it is.
      const auto folder =
          std::filesystem::canonical(path.has_parent_path() ? path.parent_path() : ".", ignored);
      if (!ignored) path = folder / path.filename();
      continue;
    }
    return {path, std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
                      !std::filesystem::is_directory(status)};
  }
  throw std::runtime_error(fmt::format("{}: too many links in a row", path.string()));
}

/// What `write` gives its stream goes to `descriptor`.
void write_through(int descriptor, const std::filesystem::path& path,
                   const std::function<void(std::ostream&)>& write) {
  __gnu_cxx::stdio_filebuf<char> buffer(dup(descriptor), std::ios::out | std::ios::binary);
  std::ostream out(&buffer);
  errno = 0;
  write(out);
  out.flush();
  if (!out) {
    throw std::runtime_error(fmt::format("{}: cannot be written{}", path.string(),
                                         errno != 0 ? fmt::format(": {}", std::strerror(errno)) : ""));
  }
}

void write_in_place(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC);
  if (descriptor < 0)
    throw std::runtime_error(fmt::format("{}: cannot be written: {}", path.string(), std::strerror(errno)));
  try {
    write_through(descriptor, path, write);
  } catch (...) {
    close(descriptor);
    throw;
  }
  close(descriptor);
}

}  // namespace

void write_text_file(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write) {
  const Target target = target_of(path);
  if (target.in_place) {
    write_in_place(target.path, write);
    return;
  }
  if (std::filesystem::is_directory(target.path))
    throw std::runtime_error(fmt::format("{}: cannot be written: it is a folder", path.string()));
  Temporary file(target.path);
  write_through(file.descriptor(), path, write);
  file.publish();
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
