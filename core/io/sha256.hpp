#pragma once
/// SHA-256 (OpenSSL) of bytes and files, as 64 lower-case hexadecimal digits.

#include <filesystem>
#include <string>
#include <string_view>

namespace admmbench {

std::string sha256(std::string_view bytes);

/// Throws std::runtime_error naming `path` if it cannot be read.
std::string sha256_file(const std::filesystem::path& path);

}  // namespace admmbench
