/// Provenance of a run.

#include "experiments/harness/run/environment.hpp"

#include <boost/test/unit_test.hpp>

#include "core/program/code_version.hpp"
#include "solvers/solver.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(environment_test)

BOOST_AUTO_TEST_CASE(says_where_it_runs) {
  const Environment here = probe_environment();
  BOOST_TEST(!here.host.empty());
  BOOST_TEST(!here.cpu.empty());
  BOOST_TEST(here.blas.find(".so") != std::string::npos, here.blas);  // the file that answers for dgemm_
  // Debian's OpenBLAS answers from a front library: version and core type have to be found all the same.
  if (here.blas.find("/openblas-") != std::string::npos) {
    BOOST_TEST(here.blas.starts_with("OpenBLAS "), here.blas);
    BOOST_TEST(here.blas.find(", core ") != std::string::npos, here.blas);
  }
  BOOST_TEST(available_cores() >= 1);
}

BOOST_AUTO_TEST_CASE(time_is_iso_8601) {
  const std::string now = utc_now();
  BOOST_TEST(now.size() == 20);
  BOOST_TEST(now[10] == 'T');
  BOOST_TEST(now.back() == 'Z');
}

BOOST_AUTO_TEST_CASE(code_versions_are_per_method) {
  for (const SolverInfo& info : registered_solvers()) {
    if (info.reference == "a test") continue;  // scheduler_test's, in the same program
    BOOST_TEST(code_version(info.name).size() == 64);
    BOOST_TEST(code_version(info.name) != code_version("no such method"),
               info.name << " has no version of its own");
  }
  BOOST_TEST(code_version("sgd") != code_version("dladmm"));
}

BOOST_AUTO_TEST_SUITE_END()
