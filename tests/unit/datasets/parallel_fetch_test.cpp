#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <boost/test/unit_test.hpp>
#include <sstream>

#include "datasets/fetch.hpp"
#include "tests/support/data_fixture.hpp"

using namespace admmbench;
using namespace admmbench::testing;

BOOST_AUTO_TEST_SUITE(parallel_fetch_test)

namespace {

/// A `curl` in PATH that serves root/web, hosts called gone.* apart, of which there are none. A file comes only after those that
/// root/after/FILE names have been asked for; one that waits in vain for 30 s fails.
struct Web : DataFolder {
  const std::string path = std::getenv("PATH");
  std::ostringstream said;
  std::shared_ptr<spdlog::logger> before = spdlog::default_logger();

  Web() {
    const fs::path stub = write("bin/curl", R"(#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in --output) out=$2 ;; --url) url=$2 ;; esac
  shift
done
root=')" + root.string() + R"('
name=${url##*/}
echo "$url" >>"$root/asked"
case $url in *//gone.*) echo 'curl: (6) Could not resolve host' >&2; exit 6 ;; esac
[ -f "$root/web/$name" ] || { echo 'curl: (22) error: 404' >&2; exit 22; }
: >"$root/asked-$name"
printf x >"$out"
tries=0
for other in $(cat "$root/after/$name" 2>/dev/null); do
  until [ -e "$root/asked-$other" ]; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || { echo "curl: nobody asked for $other" >&2; exit 18; }
    sleep 0.05
  done
done
cp "$root/web/$name" "$out"
)");
    fs::permissions(stub, fs::perms::owner_all);
    setenv("PATH", (stub.parent_path().string() + ":" + path).c_str(), 1);
    auto logger =
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(said));
    logger->set_pattern("%v");
    spdlog::set_default_logger(logger);
  }
  ~Web() {
    spdlog::set_default_logger(before);
    setenv("PATH", path.c_str(), 1);
  }
  Web(const Web&) = delete;
  Web& operator=(const Web&) = delete;

  /// A set whose files hold their own names.
  RegistryEntry set(const std::string& name, const std::vector<std::string>& files,
                    std::vector<std::string> addresses = {"http://web.invalid/"}) const {
    RegistryEntry entry;
    entry.name = name;
    entry.addresses = std::move(addresses);
    for (const std::string& file : files) {
      RawFile& raw = entry.files.emplace_back();
      raw.name = file;
      raw.bytes = file.size();
      raw.sha256 = sha256(file);
    }
    return entry;
  }
  void serve(const std::vector<std::string>& files) const {
    for (const std::string& file : files) write("web/" + file, file);
  }
  std::string asked() const {
    std::ifstream in(root / "asked");
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

std::string message_of(const std::exception_ptr& error) {
  if (!error) return "";
  try {
    std::rethrow_exception(error);
  } catch (const DataUnavailable& unavailable) {
    return unavailable.brief();
  } catch (const DataError& wrong) {
    return wrong.what();
  }
}

}  // namespace

/// Every file waits for the three others to be asked for: one after the other they would never come.
BOOST_FIXTURE_TEST_CASE(four_files_at_once, Web) {
  const std::vector<std::string> files{"a", "bb", "ccc", "dddd"};
  serve(files);
  for (const std::string& file : files) write("after/" + file, "a bb ccc dddd");
  Downloads downloads;
  const RegistryEntry entry = set("four", files);
  BOOST_TEST(message_of(fetch_sets({entry}, downloads).at(0)) == "");
  for (const RawFile& file : entry.files) BOOST_TEST(fs::exists(cached_raw_file(entry, file)));
  BOOST_TEST(downloads.reached);
}

/// The first file comes last; what is said is in the order of the files all the same.
BOOST_FIXTURE_TEST_CASE(messages_are_in_the_order_of_the_files, Web) {
  serve({"a", "b", "c"});
  write("after/a", "c");
  write("after/b", "c");
  Downloads downloads;
  fetch_sets({set("one", {"a", "b"}), set("two", {"c"})}, downloads);
  BOOST_TEST(said.str() ==
             "downloading http://web.invalid/a\ndownloading http://web.invalid/b\ndownloading "
             "http://web.invalid/c\n");
}

/// Training and test part of a set may be one file; two threads must not work on one place.
BOOST_FIXTURE_TEST_CASE(a_file_that_is_named_twice_is_asked_for_once, Web) {
  serve({"a"});
  Downloads downloads;
  const RegistryEntry twin = set("twin", {"a", "a"});
  const std::vector<std::exception_ptr> errors =
      fetch_sets({twin, twin, set("other", {"gone", "gone"})}, downloads);
  BOOST_TEST(message_of(errors.at(0)) == "");
  BOOST_TEST(message_of(errors.at(1)) == "");
  BOOST_TEST(message_of(errors.at(2)) == "other: not downloaded (curl: (22) error: 404)");
  BOOST_TEST(said.str() == "downloading http://web.invalid/a\ndownloading http://web.invalid/gone\n");
}

BOOST_FIXTURE_TEST_CASE(a_failure_does_not_stop_the_others, Web) {
  serve({"a", "c", "d", "e"});
  write("web/d", "damaged");
  Downloads downloads;
  const std::vector<RegistryEntry> sets{set("first", {"a", "b", "c"}), set("second", {"d"}),
                                        set("third", {"e"})};
  const std::vector<std::exception_ptr> errors = fetch_sets(sets, downloads);
  BOOST_TEST(message_of(errors.at(0)) == "first: not downloaded (curl: (22) error: 404)");
  BOOST_TEST(message_of(errors.at(1)).find(sha256("d")) != std::string::npos, message_of(errors.at(1)));
  BOOST_TEST(message_of(errors.at(2)) == "");
  for (const auto& [entry, file, there] :
       {std::tuple(0, 0, true), {0, 1, false}, {0, 2, true}, {1, 0, false}, {2, 0, true}}) {
    const RegistryEntry& one = sets[static_cast<std::size_t>(entry)];
    const RawFile& raw = one.files[static_cast<std::size_t>(file)];
    BOOST_TEST(fs::exists(cached_raw_file(one, raw)) == there, raw.name);
  }
}

/// Threads that meet a host of which nothing is known wait for what the first hears.
BOOST_FIXTURE_TEST_CASE(a_host_that_is_not_there_is_asked_once_by_all, Web) {
  serve({"e"});
  Downloads downloads;
  const std::vector<std::exception_ptr> errors =
      fetch_sets({set("away", {"a", "b", "c", "d"}, {"http://gone.invalid/"}), set("here", {"e"}),
                  set("both", {"e"}, {"http://gone.invalid/", "http://web.invalid/"})},
                 downloads);
  BOOST_TEST(message_of(errors.at(0)) == "away: not downloaded (gone.invalid cannot be reached)");
  BOOST_TEST(message_of(errors.at(1)) == "");
  BOOST_TEST(message_of(errors.at(2)) == "");
  std::istringstream lines(asked());
  long gone = 0;
  for (std::string line; std::getline(lines, line);) gone += line.starts_with("http://gone.");
  BOOST_TEST(gone == 1, asked());
  BOOST_TEST((downloads.unreachable == std::set<std::string>{"gone.invalid"}));
}

BOOST_FIXTURE_TEST_CASE(progress_is_shown_and_taken_away, Web) {
  serve({"a", "bb", "ccc"});
  write("mirror/set/ccc", "ccc");
  write("after/a", "bb");
  Downloads downloads;
  std::vector<std::optional<DownloadProgress>> shown;
  downloads.show = [&](const DownloadProgress* now) {
    shown.push_back(now == nullptr ? std::nullopt : std::optional(*now));
  };
  fetch_sets({set("set", {"a", "bb", "ccc"})}, downloads);
  BOOST_TEST(!shown.back().has_value(), "the line is taken away at the end");
  std::size_t over = 0, drawn = 0;
  for (const auto& now : shown) {
    if (!now) continue;
    ++drawn;
    BOOST_TEST(now->files == 2u, "the mirror's file is not downloaded");
    BOOST_TEST(now->expected == 3u);
    BOOST_TEST(now->bytes <= 3u);
    BOOST_TEST(now->over >= over);
    over = now->over;
  }
  BOOST_TEST(drawn > 0u);

  shown.clear();
  fetch_sets({set("set", {"a", "bb", "ccc"})}, downloads);
  BOOST_TEST(std::none_of(shown.begin(), shown.end(), [](const auto& now) { return now.has_value(); }),
             "nothing is downloaded again");
}

BOOST_AUTO_TEST_SUITE_END()
