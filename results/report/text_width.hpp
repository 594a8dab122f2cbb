#pragma once
/// How long a text is before anybody has drawn it.

#include <string>
#include <vector>

namespace admmbench {

/// Length of a line of UTF-8 text in units of the type's size (multiply by points / 72 for inches). The advances of DejaVu Sans,
/// the widest of the fonts that Helvetica is replaced by: what fits by this fits in Arial, Nimbus Sans and Liberation Sans too.
double text_width(const std::string& text);

/// The same of text with gnuplot's marks for exponents, 10^{-3}.
double marked_width(const std::string& text);

/// `text` in lines no longer than `longest` (as text_width), broken between words; a longer word has a line of its own.
std::vector<std::string> wrapped_lines(const std::string& text, double longest);

}  // namespace admmbench
