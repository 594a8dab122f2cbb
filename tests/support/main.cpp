// The entry of every test executable.
#define BOOST_TEST_MODULE admmbench
#include <boost/test/unit_test.hpp>
