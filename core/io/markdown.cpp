#include "core/io/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace admmbench {

namespace {

std::string line_of(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

}  // namespace

std::size_t display_length(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string aligned_columns(const std::vector<std::vector<std::string>>& grid, std::size_t width) {
  std::vector<std::size_t> widths(grid.front().size());
  for (const auto& line : grid) {
    for (std::size_t j = 0; j < line.size(); ++j) widths[j] = std::max(widths[j], display_length(line[j]));
  }
  std::size_t shown = 0;
  for (std::size_t used = 0; shown < widths.size(); ++shown) {
    used += widths[shown] + (shown > 0 ? 2 : 0);
    if (shown > 1 && used > width) break;
  }
  std::string text;
  for (const auto& line : grid) {
    std::string row;
    for (std::size_t j = 0; j < shown; ++j)
      row += (j > 0 ? "  " : "") + line[j] + std::string(widths[j] - display_length(line[j]), ' ');
    text += row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
  }
  if (shown < widths.size())
    text += fmt::format("({} more columns, for which this is too narrow)\n", widths.size() - shown);
  return text;
}

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
