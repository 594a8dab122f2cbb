#include "tools/admmbench/console.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "tools/admmbench/own_name.hpp"

namespace admmbench {

namespace {

/// "admmbench: error: ...": the level in colour, and only where it says something.
class MessageFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto append = [&](std::string_view text) { out.append(text.data(), text.data() + text.size()); };
    append(own_name());
    append(": ");
    if (message.level != spdlog::level::info) {
      message.color_range_start = out.size();
      const auto name = spdlog::level::to_string_view(message.level);
      append({name.data(), name.size()});
      append(":");
      message.color_range_end = out.size();
      append(" ");
    }
    append(in_own_name({message.payload.data(), message.payload.size()}));
    append("\n");
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<MessageFormatter>(); }
};

}  // namespace

void add_console_options(CLI::App& app, Console& console) {
  app.fallthrough();  // inherited by the commands: the options may follow them
  CLI::Option* quiet = app.add_flag("-q,--quiet", console.quiet, "errors and warnings only");
  app.add_flag("-v,--verbose", console.verbose, "also which data and files are read and written")
      ->excludes(quiet);
  app.add_option("--log-file", console.log_file, "append all messages to this file, with times")
      ->type_name("FILE");
  const auto set_color = [&console](const std::string& mode) {
    console.color = mode == "always"  ? ColorMode::always
                    : mode == "never" ? ColorMode::never
                                      : ColorMode::automatic;
  };
  app.add_option_function<std::string>("--color", set_color, "auto: on a terminal, unless NO_COLOR is set")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

void start_logging(const Console& console) {
  const auto on_stderr = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
      probe_terminal(STDERR_FILENO, console.color).color ? spdlog::color_mode::always
                                                         : spdlog::color_mode::never);
  on_stderr->set_level(console.quiet     ? spdlog::level::warn
                       : console.verbose ? spdlog::level::debug
                                         : spdlog::level::info);
  on_stderr->set_formatter(std::make_unique<MessageFormatter>());
  auto logger = std::make_shared<spdlog::logger>("admmbench", on_stderr);
  if (!console.log_file.empty()) {
    try {
      auto in_file = std::make_shared<spdlog::sinks::basic_file_sink_mt>(console.log_file);
      in_file->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l: %v");
      logger->sinks().push_back(std::move(in_file));
    } catch (const spdlog::spdlog_ex&) {
      throw std::runtime_error(fmt::format("--log-file {}: cannot be written", console.log_file));
    }
  }
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  if (!console.command_line.empty()) spdlog::trace("{}", console.command_line);
}

void show_downloads(Downloads& downloads) {
  const auto& sinks = spdlog::default_logger()->sinks();
  const bool quiet = sinks.empty() || !sinks.front()->should_log(spdlog::level::info);
  if (quiet || !probe_terminal(STDERR_FILENO, ColorMode::never).live) return;
  downloads.show = [drawn = false](const DownloadProgress* now) mutable {
    constexpr double megabyte = 1e6;
    if (now == nullptr) {
      if (drawn) fmt::print(stderr, "\r\033[K");
      drawn = false;
    } else {
      const double here = static_cast<double>(now->bytes) / megabyte;
      const std::string whole =
          now->expected > 0 ? fmt::format(" of {:.1f}", static_cast<double>(now->expected) / megabyte) : "";
      fmt::print(stderr, "\r\033[K{} of {} files, {:.1f}{} MB", now->over, now->files, here, whole);
      drawn = true;
    }
    std::fflush(stderr);
  };
}

void tell(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

std::string shell_quoted(int count, const char* const* arguments) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
  std::string line;
  for (int i = 0; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (i > 0) line += ' ';
    if (!argument.empty() && argument.find_first_not_of(plain) == std::string_view::npos) {
      line += argument;
      continue;
    }
    line += '\'';
    for (const char c : argument) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

}  // namespace admmbench
