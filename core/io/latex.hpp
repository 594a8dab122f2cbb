#pragma once
/// Text in LaTeX.

#include <string>

namespace admmbench {

/// `text` as LaTeX shows it, whatever characters it has; a line break is a space.
std::string latex_text(const std::string& text);

/// `text` as a comment: every line of it, so that text of several lines does not end up in the document.
std::string latex_comment_lines(const std::string& text);

}  // namespace admmbench
