#pragma once
/// Tables in Markdown, and in a terminal.

#include <cstddef>
#include <string>
#include <vector>

namespace admmbench {

/// Characters of `text` (UTF-8), which is its width in a terminal.
std::size_t display_length(const std::string& text);

/// `text` as the content of a cell: a bar does not end it, nor does the end of a line.
std::string markdown_cell(std::string text);

/// `grid`, lines of equal number, as lines for a terminal: columns are filled with blanks, two between them. Those that would go beyond
/// `width` are left out, but for the first two, and a last line says how many.
std::string aligned_columns(const std::vector<std::vector<std::string>>& grid, std::size_t width);

/// A table, row by row. Cells are given as they are to be read: markdown_cell() is applied to each.
class MarkdownTable {
 public:
  enum class Columns {
    left,    ///< as the renderer does, which is to the left
    numbers  ///< all but the first one to the right
  };

  explicit MarkdownTable(std::vector<std::string> head, Columns columns = Columns::left);

  void add(std::vector<std::string> cells);

  /// As short as possible: what is written into pages.
  std::string text() const;

  /// Cells filled with spaces so that columns line up in a terminal (characters count, not bytes).
  std::string aligned_text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
  Columns columns_;
};

}  // namespace admmbench
