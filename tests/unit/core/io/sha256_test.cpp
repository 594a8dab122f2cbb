#include "core/io/sha256.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <stdexcept>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(sha256_test)

// FIPS 180-2, appendix B.
BOOST_AUTO_TEST_CASE(published_vectors) {
  BOOST_TEST(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  BOOST_TEST(sha256(std::string(1000000, 'a')) ==
             "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

BOOST_AUTO_TEST_CASE(of_a_file) {
  const auto path = std::filesystem::temp_directory_path() / ("admmbench-sha256-" + std::to_string(getpid()));
  const std::string bytes(1000000, 'a');  // longer than a read
  std::ofstream(path, std::ios::binary) << bytes;
  BOOST_TEST(sha256_file(path) == sha256(bytes));
  std::filesystem::remove(path);
  BOOST_CHECK_THROW(sha256_file(path), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
