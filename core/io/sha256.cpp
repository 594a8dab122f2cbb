#include "core/io/sha256.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <zlib.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <vector>

namespace admmbench {
namespace {

constexpr std::uint64_t most_unpacked_bytes = std::uint64_t{16} << 30;

/// OpenSSL's digest context, fed piece by piece.
class Digest {
 public:
  explicit Digest(const EVP_MD* algorithm) : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    require(context_ != nullptr && EVP_DigestInit_ex(context_.get(), algorithm, nullptr) == 1);
  }

  void update(const char* data, std::size_t size) {
    require(EVP_DigestUpdate(context_.get(), data, size) == 1);
  }

  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    require(EVP_DigestFinal_ex(context_.get(), bytes.data(), &size) == 1);
    return fmt::format("{:02x}", fmt::join(bytes.begin(), bytes.begin() + size, ""));
  }

 private:
  static void require(bool ok) {
    if (!ok) throw std::runtime_error("OpenSSL cannot compute the digest");
  }
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

std::string digest_file(const EVP_MD* algorithm, const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(fmt::format("{}: cannot be opened for reading", path.string()));
  Digest digest(algorithm);
  std::vector<char> buffer(1 << 16);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    digest.update(buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) throw std::runtime_error(fmt::format("{}: reading failed", path.string()));
  return digest.hex();
}

}  // namespace

class Sha256::Digest : public admmbench::Digest {
 public:
  Digest() : admmbench::Digest(EVP_sha256()) {}
};

Sha256::Sha256() : digest_(std::make_unique<Digest>()) {}
Sha256::~Sha256() = default;
void Sha256::update(std::string_view bytes) { digest_->update(bytes.data(), bytes.size()); }
std::string Sha256::hex() { return digest_->hex(); }

std::string sha256(std::string_view bytes) {
  Digest digest(EVP_sha256());
  digest.update(bytes.data(), bytes.size());
  return digest.hex();
}

std::string sha256_file(const std::filesystem::path& path) { return digest_file(EVP_sha256(), path); }

std::string md5_file(const std::filesystem::path& path) { return digest_file(EVP_md5(), path); }

std::string sha256_unpacked(const std::filesystem::path& path) {
  const std::unique_ptr<gzFile_s, decltype(&gzclose_r)> in(gzopen(path.c_str(), "rb"), gzclose_r);
  if (in == nullptr) throw std::runtime_error(fmt::format("{}: cannot be opened for reading", path.string()));
  Digest digest(EVP_sha256());
  std::vector<char> buffer(1 << 16);
  std::uint64_t unpacked = 0;
  for (;;) {
    const int size = gzread(in.get(), buffer.data(), static_cast<unsigned>(buffer.size()));
    if (size < 0) throw std::runtime_error(fmt::format("{}: is no whole gzip file", path.string()));
    if (size == 0) break;
    unpacked += static_cast<std::uint64_t>(size);
    if (unpacked > most_unpacked_bytes) {
      throw std::runtime_error(
          fmt::format("{}: unpacks to more than {} GiB", path.string(), most_unpacked_bytes >> 30));
    }
    digest.update(buffer.data(), static_cast<std::size_t>(size));
  }
  return digest.hex();
}

}  // namespace admmbench
