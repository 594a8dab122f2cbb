/// OpenBLAS's kernels are those of this processor, as its other instructions are.

#include "core/compute/blas_kernels.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(blas_kernels_test)

BOOST_AUTO_TEST_CASE(kernels_without_avx_have_better_ones) {
  BOOST_TEST(better_kernels("Prescott", VectorLevel::v4) == "SkylakeX");
  BOOST_TEST(better_kernels("Prescott", VectorLevel::v3) == "Haswell");
  BOOST_TEST(better_kernels("Nehalem", VectorLevel::v3) == "Haswell");
  BOOST_TEST(better_kernels("Nehalem", VectorLevel::base).empty());  // such a processor
  for (const char* fitting : {"Haswell", "Zen", "SkylakeX", "Cooperlake", "Sandybridge", ""}) {
    BOOST_TEST(better_kernels(fitting, VectorLevel::v4).empty(), fitting);
  }
}

/// main() of the tests has seen to it, on processors that OpenBLAS does not know, too.
BOOST_AUTO_TEST_CASE(this_program_has_none_that_are_too_old) {
  const char* asked = std::getenv("OPENBLAS_CORETYPE");
  if (asked != nullptr && asked != blas_core())
    return;  // by whoever runs the tests, of a library that has no such kernels
  const VectorLevel level = has_vector_level(VectorLevel::v3) ? VectorLevel::v3 : VectorLevel::base;
  if (asked == nullptr || better_kernels(asked, level).empty())
    BOOST_TEST(better_kernels(blas_core(), level).empty());
}

BOOST_AUTO_TEST_SUITE_END()
