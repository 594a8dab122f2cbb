/// Where the program's own files are; tests/end_to_end/install_test.py has the installed program.

#include "core/program/installed_files.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "core/program/build_facts.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(installed_files_test)
namespace fs = std::filesystem;

BOOST_AUTO_TEST_CASE(in_a_build_tree_it_is_the_sources) {
  unsetenv("ADMMBENCH_SHARE");
  BOOST_TEST(installed_files() == fs::canonical(ADMMBENCH_SOURCE_DIR));
  BOOST_TEST(build_facts().share.empty());
}

BOOST_AUTO_TEST_CASE(the_environment_comes_first) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "datasets");
  folder.write("datasets/registry.yaml", "");
  setenv("ADMMBENCH_SHARE", folder.path().c_str(), 1);
  BOOST_TEST(installed_files() == fs::canonical(folder.path()));
  fs::remove(folder / "datasets/registry.yaml");
  BOOST_CHECK_EXCEPTION(installed_files(), std::runtime_error, [&](const std::runtime_error& error) {
    return std::string(error.what()).starts_with("ADMMBENCH_SHARE=" + folder.path().string());
  });
  setenv("ADMMBENCH_SHARE", "", 1);  // empty is as good as not set
  BOOST_TEST(installed_files() == fs::canonical(ADMMBENCH_SOURCE_DIR));
  unsetenv("ADMMBENCH_SHARE");
}

BOOST_AUTO_TEST_SUITE_END()
