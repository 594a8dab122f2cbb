/// Numbers of bytes for people, and what the system says of itself. Predictions: tests/end_to_end/memory_test.py.

#include "experiments/harness/run/memory.hpp"

#include <malloc.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(memory_test)

BOOST_AUTO_TEST_CASE(memory_is_written_for_people) {
  BOOST_TEST(memory_text(5.12e8) == "512 MB");
  BOOST_TEST(memory_text(3.24e9) == "3.2 GB");
  BOOST_TEST(available_memory().value() > 0);
  BOOST_TEST(peak_resident_memory() >= resident_memory() * 0.9);
}

/// Whether glibc takes a block of `size` bytes from the system by itself, so that free() gives it back.
bool is_of_its_own(std::size_t size) {
  const auto before = mallinfo2().hblks;
  void* volatile block = std::malloc(size);
  const bool own = mallinfo2().hblks > before;
  std::free(block);
  return own;
}

BOOST_AUTO_TEST_CASE(large_blocks_go_back_to_the_system) {
  constexpr std::size_t megabyte = 1 << 20;
  if (!is_of_its_own(64 * megabyte)) return;  // a sanitizer's or Valgrind's malloc
  void* volatile larger = std::malloc(16 * megabyte);
  std::free(larger);  // from now on glibc keeps what is no larger
  BOOST_TEST(!is_of_its_own(8 * megabyte));
  give_back_large_blocks();
  BOOST_TEST(is_of_its_own(12 * megabyte));  // larger than what is free by now
}

BOOST_AUTO_TEST_CASE(packing_of_the_kernels) {
  BOOST_TEST(packing_memory("SkylakeX", sizeof(double), 1000) == 256 * 8000.0);
  BOOST_TEST(packing_memory("Cooperlake", sizeof(double), 1e6) == double(128 << 20));
  BOOST_TEST(packing_memory("SkylakeX", sizeof(float), 1000) == 0);
  BOOST_TEST(packing_memory("Haswell", sizeof(double), 1000) == 0);
  BOOST_TEST(packing_memory("", sizeof(double), 1000) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
