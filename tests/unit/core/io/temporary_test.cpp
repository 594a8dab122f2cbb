/// Temporary files: names that nobody else has, in the folder of what they become; what dead processes leave goes, nothing else.

#include "core/io/temporary.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <fstream>
#include <set>

#include "core/io/csv.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(temporary_test)

namespace {

struct Fixture {
  TemporaryFolder folder;
  fs::path target = folder / "result.h5";

  std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder.path())) found.insert(entry.path().filename());
    return found;
  }
  /// As a process of this machine, or of another one, leaves it.
  std::string leave(const std::string& boot, int days_ago = 0) const {
    std::string name = ".result.h5.host-" + boot + "-" + random_id() + ".part";
    folder.write(name, "half");
    fs::last_write_time(folder / name, fs::file_time_type::clock::now() - std::chrono::hours(24 * days_ago));
    return name;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(names_are_nobody_elses, Fixture) {
  std::set<fs::path> names;
  for (int i = 0; i < 1000; ++i) names.insert(temporary_name(target));
  BOOST_TEST(names.size() == 1000U);
  for (const fs::path& name : names) {
    BOOST_REQUIRE(name.parent_path() == target.parent_path());
    BOOST_REQUIRE(name.filename().string().starts_with(".result.h5." + host_name() + "-" + boot_id()));
    BOOST_REQUIRE(name.extension() == ".part");
  }
  BOOST_TEST(temporary_name("bare").parent_path().empty());
  BOOST_TEST(host_name().find('/') == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(only_what_is_published_stays, Fixture) {
  folder.write("result.h5", "old");
  fs::permissions(target, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  for (const bool publish : {false, true}) {
    {
      Temporary made(target);
      BOOST_TEST(write(made.descriptor(), "new", 3) == 3);
      BOOST_TEST(names().size() == 2U);
      BOOST_TEST(read_text_file(target) == "old");
      if (publish) made.publish();
    }
    BOOST_TEST(names() == std::set<std::string>{"result.h5"}, boost::test_tools::per_element());
    BOOST_TEST(read_text_file(target) == (publish ? "new" : "old"));
  }
  struct stat state {};
  BOOST_REQUIRE(stat(target.c_str(), &state) == 0);
  BOOST_TEST((state.st_mode & 07777) == 0640U);
  {
    const Temporary made(folder / "figures", Temporary::Kind::folder);
    std::ofstream(made.path() / "a.svg") << "<svg/>";
    BOOST_TEST(fs::is_directory(made.path()));
  }
  BOOST_TEST(names().size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(what_the_dead_leave_goes_and_nothing_else, Fixture) {
  const std::string dead = leave(boot_id());
  const std::string elsewhere = leave("00000000");
  const std::string long_ago = leave("00000000", 2);
  const Temporary living(target);
  remove_leftovers(target, Leftovers::of_the_dead);
  BOOST_TEST(names().count(dead) == 0U);
  BOOST_TEST(names().count(elsewhere) == 1U);  // its process cannot be asked
  BOOST_TEST(names().count(long_ago) == 0U);
  BOOST_TEST(fs::exists(living.path()));
  folder.write(".other.h5.host-" + boot_id() + "-0.part", "of another file");
  folder.write("result.h5.part", "a user's");
  remove_leftovers(target, Leftovers::all);
  BOOST_TEST(names().size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_killed_process_leaves_what_the_next_one_removes, Fixture) {
  const pid_t victim = fork();
  if (victim == 0) {
    const Temporary made(target);
    _exit(0);  // without the end of the scope
  }
  waitpid(victim, nullptr, 0);
  BOOST_TEST(names().size() == 1U);
  const Temporary next(target);
  BOOST_TEST(names() == std::set<std::string>{next.path().filename().string()},
             boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(links_are_not_followed, Fixture) {
  const fs::path precious = folder.write("precious", "mine");
  for (const Leftovers which : {Leftovers::of_the_dead, Leftovers::all}) {
    fs::remove(folder / (".result.h5.host-" + boot_id() + "-0123456789abcdef.part"));
    fs::create_symlink(precious, folder / (".result.h5.host-" + boot_id() + "-0123456789abcdef.part"));
    remove_leftovers(target, which);
    BOOST_TEST(read_text_file(precious) == "mine");
  }
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_written_is_named, Fixture) {
  const fs::path file = folder.write("file", "no folder");
  const auto names_it = [&](const std::runtime_error& error) {
    return std::string(error.what()).starts_with(file.string());
  };
  BOOST_CHECK_EXCEPTION(check_writable(file), std::runtime_error, names_it);
  BOOST_CHECK_EXCEPTION(Temporary(file / "x.h5"), std::runtime_error, names_it);
  check_writable(folder / "new/folder");
  BOOST_TEST(fs::is_empty(folder / "new/folder"));
}

BOOST_AUTO_TEST_SUITE_END()
