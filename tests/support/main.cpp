// The entry of every test executable.
#define BOOST_TEST_MODULE admmbench
#define BOOST_TEST_NO_MAIN
#define BOOST_TEST_ALTERNATIVE_INIT_API
#include <boost/test/unit_test.hpp>

#include "core/compute/blas_kernels.hpp"

int main(int argc, char** argv) {
  admmbench::use_better_kernels(argv);
  return boost::unit_test::unit_test_main(&init_unit_test, argc, argv);
}
