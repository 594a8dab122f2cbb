#pragma once
/// Digests of bytes and files (OpenSSL), as lower-case hexadecimal digits.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace admmbench {

std::string sha256(std::string_view bytes);

/// The same of bytes that come piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void update(std::string_view bytes);
  std::string hex();  ///< once, at the end

 private:
  class Digest;
  std::unique_ptr<Digest> digest_;
};

/// Throws std::runtime_error naming `path` if it cannot be read.
std::string sha256_file(const std::filesystem::path& path);

/// Of the content of a gzip file (of the file itself if it is not packed): one content has many packings. Throws
/// std::runtime_error naming `path` if it cannot be read or unpacked.
std::string sha256_unpacked(const std::filesystem::path& path);

/// MD5, for files whose publishers state nothing better: it tells damage, not malice.
std::string md5_file(const std::filesystem::path& path);

}  // namespace admmbench
