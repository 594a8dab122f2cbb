#include "results/report/text_width.hpp"

#include <array>
#include <sstream>

namespace admmbench {

namespace {

// Advances of the characters from the space to the tilde, in hundredths of the type's size.
constexpr std::array<unsigned char, 95> advances{
    32, 41, 46, 84, 64, 96, 78, 28, 40,  40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 54, 100, 69, 69, 70, 77, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79,
    61, 79, 70, 64, 62, 74, 69, 99, 69,  62, 69, 40, 34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36, 64,
    64, 28, 28, 58, 28, 98, 64, 62, 64,  64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84};
constexpr double other_letter = 0.84;  // Greek, accents, the minus sign
constexpr double wide_letter = 1.1;    // characters of three and four bytes: most are of East Asia

double advance(unsigned char first) {
  if (first < 0x20 || first == 0x7F) return 0;
  if (first < 0x80) return advances.at(first - 0x20U) / 100.0;
  if (first < 0xC0) return 0;  // a further byte of a character
  return first < 0xE0 ? other_letter : wide_letter;
}

}  // namespace

double text_width(const std::string& text) {
  double width = 0;
  for (const char c : text) width += advance(static_cast<unsigned char>(c));
  return width;
}

double marked_width(const std::string& text) {
  std::string plain;
  for (const char c : text) {
    if (c != '^' && c != '{' && c != '}') plain += c;
  }
  return text_width(plain);
}

std::vector<std::string> wrapped_lines(const std::string& text, double longest) {
  std::vector<std::string> lines;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!lines.empty() && text_width(lines.back() + " " + word) <= longest) {
      lines.back() += " " + word;
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

}  // namespace admmbench
