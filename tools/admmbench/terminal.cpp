#include "tools/admmbench/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace admmbench {

Terminal probe_terminal(int stream, ColorMode mode) {
  const char* kind = std::getenv("TERM");
  const char* no_color = std::getenv("NO_COLOR");
  Terminal terminal;
  terminal.live = isatty(stream) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
  const bool wanted = terminal.live && (no_color == nullptr || *no_color == '\0');
  terminal.color = mode == ColorMode::always || (mode == ColorMode::automatic && wanted);
  return terminal;
}

std::size_t terminal_columns(int stream) {
  winsize size{};
  return ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::size_t terminal_rows(int stream) {
  winsize size{};
  return ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

std::string painted(std::string_view text, fmt::terminal_color color, bool on) {
  return on ? fmt::format(fmt::fg(color), "{}", text) : std::string(text);
}

}  // namespace admmbench
