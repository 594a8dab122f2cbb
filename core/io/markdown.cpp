#include "core/io/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace admmbench {

namespace {

/// Length in characters, not bytes.
std::size_t display_length(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string line_of(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

}  // namespace

std::string markdown_cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.replace(at, 1, "\\|");
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

MarkdownTable::MarkdownTable(std::vector<std::string> head, Columns columns) : columns_(columns) {
  add(std::move(head));
}

void MarkdownTable::add(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = markdown_cell(std::move(cell));
  rows_.push_back(std::move(cells));
}

std::string MarkdownTable::text() const {
  std::string text = line_of(rows_.front()) + "|";
  for (std::size_t i = 0; i < rows_.front().size(); ++i)
    text += i > 0 && columns_ == Columns::numbers ? "---:|" : "---|";
  text += "\n";
  for (std::size_t r = 1; r < rows_.size(); ++r) text += line_of(rows_[r]);
  return text;
}

std::string MarkdownTable::aligned_text() const {
  std::vector<std::size_t> width(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], display_length(row[i]));
  }
  std::string text;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    std::vector<std::string> row = rows_[r];
    for (std::size_t i = 0; i < row.size(); ++i)
      row[i] += std::string(width[i] - display_length(row[i]), ' ');
    text += line_of(row);
    if (r > 0) continue;
    text += "|";
    for (const std::size_t w : width) text += std::string(w + 2, '-') + "|";
    text += "\n";
  }
  return text;
}

}  // namespace admmbench
