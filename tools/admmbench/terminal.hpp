#pragma once
/// What the other end of a stream can show.

#include <fmt/color.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace admmbench {

enum class ColorMode { automatic, always, never };

struct Terminal {
  bool live = false;   ///< a terminal on which a line can be drawn again
  bool color = false;  ///< colours are wanted
};

/// Of the stream with descriptor `stream`. Colours, when the mode is automatic: on a terminal that is not TERM=dumb,
/// unless NO_COLOR is set to anything (https://no-color.org).
Terminal probe_terminal(int stream, ColorMode mode);

/// Its width in characters; 80 if it does not say.
std::size_t terminal_columns(int stream);

/// Its height in lines; 24 if it does not say.
std::size_t terminal_rows(int stream);

/// `text`, in `color` if `on`.
std::string painted(std::string_view text, fmt::terminal_color color, bool on);

}  // namespace admmbench
