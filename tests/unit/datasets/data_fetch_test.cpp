#include <sys/wait.h>

#include <boost/test/unit_test.hpp>

#include "core/io/hdf5_file.hpp"
#include "datasets/cache.hpp"
#include "datasets/convert.hpp"
#include "datasets/fetch.hpp"
#include "datasets/registry.hpp"
#include "tests/support/curl_stub.hpp"
#include "tests/support/data_fixture.hpp"

using namespace admmbench;
using namespace admmbench::testing;

BOOST_AUTO_TEST_SUITE(data_fetch_test)

namespace {

/// A set `tiny` of 3 training and 2 test images of 2 x 2 pixels, in `folder` ("mirror/tiny", "mirror", "web").
struct Tiny : DataFolder {
  std::vector<std::pair<std::string, fs::path>> put(const std::string& folder) const {
    return {{"train_images", write(folder + "/train-images", idx({3, 2, 2}, std::string("\x00\x01\xff\x03"
                                                                                        "\x04\x05\x06\x07"
                                                                                        "\x08\x09\x0a\x0b",
                                                                                        12)))},
            {"train_labels", write(folder + "/train-labels", idx({3}, std::string("\x00\x02\x01", 3)))},
            {"test_images", write(folder + "/test-images", idx({2, 2, 2}, std::string(8, '\x07')))},
            {"test_labels", write(folder + "/test-labels", idx({2}, std::string("\x01\x00", 2)))}};
  }
  void prepare(const std::string& folder,
               const std::string& expect = "train: 3, test: 2, features: 4, classes: 3") const {
    registry("tiny", "idx", put(folder), expect);
  }
};

bool no_data_file(const fs::path& cache) {
  for (const auto& entry : fs::recursive_directory_iterator(cache)) {
    if (entry.path().string().find("converted/") != std::string::npos) return false;
  }
  return true;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(from_the_mirror_then_from_the_cache, Tiny) {
  prepare("mirror/tiny");
  BOOST_TEST((availability(find_dataset("tiny")) == Availability::mirror));
  const auto dataset = load_dataset<double>(named("tiny"));
  BOOST_TEST(dataset.train->x.n_rows == 4u);
  BOOST_TEST(dataset.train->x(2, 0) == 1.0);
  BOOST_TEST(dataset.train->x(3, 2) == 11 / 255.0);
  BOOST_TEST((arma::all(dataset.train->labels == arma::Row<arma::uword>{0, 2, 1})));
  BOOST_TEST(dataset.train->targets(2, 1) == 1.0);
  BOOST_TEST(dataset.test->size() == 2u);
  BOOST_TEST(dataset.classes == 3u);
  BOOST_TEST(!dataset.synthetic);

  fs::remove_all(mirror);
  BOOST_TEST((availability(find_dataset("tiny")) == Availability::cached));
  BOOST_TEST(load_dataset<float>(named("tiny")).train->size() == 3u);
  fs::remove_all(cache / "converted");
  BOOST_TEST(load_dataset<float>(named("tiny")).train->size() == 3u, "converted again from the raw files");
}

BOOST_FIXTURE_TEST_CASE(files_side_by_side_in_the_mirror, Tiny) {
  prepare("mirror");
  BOOST_TEST(load_dataset<double>(named("tiny")).train->size() == 3u);
}

BOOST_FIXTURE_TEST_CASE(conversion_gives_the_same_bytes_and_the_attributes, Tiny) {
  prepare("mirror/tiny");
  const fs::path path = require_data_file(find_dataset("tiny"));
  const std::string before = sha256_file(path);
  {
    const Hdf5File file = Hdf5File::open(path);
    BOOST_TEST(file.read_integer("/", "classes") == 3);
    BOOST_TEST(file.read_text("/", "name") == "tiny");
    BOOST_TEST(file.read_text("/", "source").starts_with("file://"));
    const std::string line = sha256_file(mirror / "tiny/train-images") + "  train-images\n";
    BOOST_TEST(file.read_text("/", "sha256").find(line) == 0u);
    BOOST_TEST((file.shape("/train/x") == std::vector<std::uint64_t>{3, 4}));
  }
  fs::remove(path);
  BOOST_TEST(sha256_file(require_data_file(find_dataset("tiny"))) == before);
}

BOOST_FIXTURE_TEST_CASE(identity_needs_no_files, Tiny) {
  prepare("mirror/tiny");
  const std::string identity = dataset_identity(named("tiny"));
  BOOST_TEST(load_dataset<double>(named("tiny")).content_sha256 == identity);
  fs::remove_all(mirror);
  fs::remove_all(cache);
  BOOST_TEST(dataset_identity(named("tiny")) == identity);
  std::ofstream(root / "datasets/convert/images.py", std::ios::app) << "# another version\n";
  BOOST_TEST(dataset_identity(named("tiny")) != identity);
}

BOOST_FIXTURE_TEST_CASE(damaged_files_are_named_with_both_hashes, Tiny) {
  prepare("mirror/tiny");
  const std::string expected = sha256_file(mirror / "tiny/train-labels");
  const fs::path damaged = write("mirror/tiny/train-labels", idx({3}, std::string("\x00\x02\x02", 3)));
  const std::string found = sha256_file(damaged);
  BOOST_CHECK_EXCEPTION(load_dataset<double>(named("tiny")), DataError,
                        says({damaged.string(), expected, found}));
  BOOST_TEST(no_data_file(cache / "converted"));

  put("mirror/tiny");
  load_dataset<double>(named("tiny"));
  const fs::path cached = write("cache/raw/tiny/train-labels", "damage");
  fs::remove_all(cache / "converted");
  BOOST_CHECK_EXCEPTION(load_dataset<double>(named("tiny")), DataError,
                        says({cached.string(), expected, "6 bytes, expected 11", "delete it"}));
}

BOOST_FIXTURE_TEST_CASE(damaged_converted_file_is_said_so, Tiny) {
  prepare("mirror/tiny");
  const fs::path path = require_data_file(find_dataset("tiny"));
  fs::resize_file(path, fs::file_size(path) / 2);
  BOOST_CHECK_EXCEPTION(load_dataset<double>(named("tiny")), DataError,
                        says({path.string(), "damaged", "delete it"}));
}

BOOST_FIXTURE_TEST_CASE(other_counts_than_registered_leave_nothing_behind, Tiny) {
  prepare("mirror/tiny", "train: 4");
  BOOST_CHECK_EXCEPTION(load_dataset<double>(named("tiny")), DataError,
                        says({"tiny", "3 train", "expects 4"}));
  BOOST_TEST(no_data_file(cache / "converted"));
}

BOOST_FIXTURE_TEST_CASE(from_the_public_address, Tiny) {
  prepare("web");
  // An interrupted download is there already: it is completed.
  write("cache/raw/tiny/train-images.part", idx({3, 2, 2}, "").substr(0, 10));
  BOOST_TEST((availability(find_dataset("tiny")) == Availability::network));
  BOOST_TEST(load_dataset<double>(named("tiny")).train->x(3, 2) == 11 / 255.0);
  BOOST_TEST(!fs::exists(cache / "raw/tiny/train-images.part"));
}

BOOST_FIXTURE_TEST_CASE(a_wrong_download_is_not_kept, Tiny) {
  prepare("web");
  write("web/test-labels", "a page that says: try later");
  BOOST_CHECK_EXCEPTION(load_dataset<double>(named("tiny")), DataError,
                        says({"test-labels", "expected 10", "file://"}));
  BOOST_TEST(!fs::exists(cache / "raw/tiny/test-labels"));
  BOOST_TEST(!fs::exists(cache / "raw/tiny/test-labels.part"));
}

/// Nothing but the counts of what is made of it checks a file of which nobody has published a hash.
BOOST_FIXTURE_TEST_CASE(a_file_without_a_hash_stays_only_if_it_fits, DataFolder) {
  const fs::path file = write("web/x-1", "1 1:1\n2 1:2\n");
  write(
      "datasets/registry.yaml",
      fmt::format(
          "tiny:\n  kind: libsvm\n  files: [{{role: train, name: train, address: 'file://{}', hash: none}}]\n"
          "  expect: {{train: 2, classes: 2}}\n",
          file.string()));
  const RegistryEntry entry = find_dataset("tiny");
  BOOST_TEST(entry.files[0].declared_hash() == "no hash");
  write("web/x-1", "<html>try later</html>");
  BOOST_CHECK_EXCEPTION(load_dataset<double>(named("tiny")), DataError,
                        says({"raw/tiny/train", "removed from the cache"}));
  BOOST_TEST(!fs::exists(cached_raw_file(entry, entry.files[0])));
  write("web/x-1", "1 1:1\n2 1:2\n2 1:2\n");
  BOOST_CHECK_EXCEPTION(load_dataset<double>(named("tiny")), DataError,
                        says({"3 train", "expects 2", "removed"}));
  write("web/x-1", "1 1:1\n2 1:2\n");
  BOOST_TEST(load_dataset<double>(named("tiny")).train->size() == 2u);
  BOOST_TEST(fs::exists(cached_raw_file(entry, entry.files[0])));
}

/// Where the package is not installed the message names it; where another release of it is, the address is asked.
BOOST_FIXTURE_TEST_CASE(files_of_a_package, DataFolder) {
  const std::string right = "1,0\n2,1\n4,0\n";
  write("package/t.csv", right);
  const auto registered = [&](const std::string& more) {
    write("datasets/registry.yaml",
          fmt::format("tiny:\n  kind: table_csv\n  addresses: ['file://{}/']\n  system: {{folder: {}, "
                      "package: r-tiny}}\n"
                      "  files: [{{role: data, name: t.csv, sha256: {}}}]\n{}",
                      (root / "web").string(), (root / "package").string(), sha256(right), more));
    return find_dataset("tiny");
  };
  const RegistryEntry entry = registered("  options: {train: 2}\n  expect: {train: 2, test: 1}\n");
  BOOST_TEST((availability(entry) == Availability::system));
  BOOST_TEST(load_dataset<double>(named("tiny")).train->x(0, 1) == 1.0);
  const std::string identity = dataset_identity(named("tiny"));
  registered("  options: {train: 1}\n");
  BOOST_TEST(load_dataset<double>(named("tiny")).train->size() == 1u);
  BOOST_TEST(dataset_identity(named("tiny")) != identity);

  registered("  options: {train: 2}\n");
  fs::remove_all(cache);
  write("package/t.csv", "5,0\n2,1\n4,0\n");
  BOOST_CHECK_EXCEPTION(load_dataset<double>(named("tiny")), DataError,
                        says({"package/t.csv", "r-tiny, of Debian 12"}));
  write("web/t.csv", right);
  BOOST_TEST(load_dataset<double>(named("tiny")).train->size() == 2u);

  fs::remove_all(cache);
  fs::remove_all(root / "web");
  fs::remove_all(root / "package");
  BOOST_CHECK_EXCEPTION(load_dataset<double>(named("tiny")), DataUnavailable,
                        says({"install the package r-tiny"}));
  registered("  options: {rows: 2}\n");
  write("mirror/tiny/t.csv", right);
  BOOST_CHECK_EXCEPTION(load_dataset<double>(named("tiny")), DataError,
                        says({"table_csv has no option rows", "train"}));
}

BOOST_FIXTURE_TEST_CASE(unavailable_says_in_one_line_what_to_do, Tiny) {
  prepare("web");
  fs::remove_all(root / "web");
  BOOST_CHECK_EXCEPTION(
      load_dataset<double>(named("tiny")), DataUnavailable,
      says({"tiny is not on this machine", "internet", "ADMMBENCH_DATA_MIRROR", "train-images"}));
}

BOOST_FIXTURE_TEST_CASE(a_host_that_is_not_there_is_asked_once, Tiny) {
  const CurlStub curl;
  const auto entry = [](const std::string& name, std::vector<std::string> addresses) {
    RegistryEntry set;
    set.name = name;
    set.addresses = std::move(addresses);
    set.files.emplace_back();
    set.files.back().name = "train-" + name;
    return set;
  };
  Downloads downloads;
  const auto fetch = [&](const RegistryEntry& set) -> std::string {
    try {
      const CacheLock lock(set.name);
      fetch_raw_files(set, downloads);
    } catch (const DataUnavailable& error) {
      return error.brief();
    }
    return "fetched";
  };
  BOOST_TEST(fetch(entry("a", {"http://one.invalid/a/"})) ==
             "a: not downloaded (one.invalid cannot be reached)");
  BOOST_TEST(!downloads.no_network(), "one host may be the host's own trouble");
  BOOST_TEST(fetch(entry("b", {"http://one.invalid/b/", "https://two.invalid/"})) ==
             "b: not downloaded (two.invalid cannot be reached)");
  BOOST_TEST(fetch(entry("a", {"http://one.invalid/a/"})) ==
             "a: not downloaded (one.invalid cannot be reached)");
  BOOST_TEST(curl.asked() ==
                 (std::vector<std::string>{"http://one.invalid/a/train-a", "https://two.invalid/train-b"}),
             boost::test_tools::per_element());
  BOOST_TEST(downloads.no_network());

  // A host that answers is asked again.
  const RegistryEntry other = entry("c", {"http://alive.invalid/"});
  BOOST_TEST(fetch(other) == "c: not downloaded (curl: (22) error: 404)");
  BOOST_TEST(fetch(other) == "c: not downloaded (curl: (22) error: 404)");
  BOOST_TEST(curl.asked().size() == 4);
  BOOST_TEST(!downloads.no_network());
}

/// Nobody is asked for a file that is there, and nothing is concluded about the network.
BOOST_FIXTURE_TEST_CASE(a_complete_download_is_taken_over_without_a_request, Tiny) {
  const CurlStub curl;
  RegistryEntry set;
  set.name = "tiny";
  set.addresses = {"http://one.invalid/"};
  RawFile& file = set.files.emplace_back();
  file.name = "train-images";
  const fs::path partial = write("cache/raw/tiny/train-images.part", "all of it");
  file.bytes = fs::file_size(partial);
  file.sha256 = sha256_file(partial);
  for (const bool known_unreachable : {false, true}) {
    write("cache/raw/tiny/train-images.part", "all of it");
    Downloads downloads;
    if (known_unreachable) downloads.unreachable.insert("one.invalid");
    const CacheLock lock("tiny");
    const fs::path fetched = fetch_raw_files(set, downloads).front();
    BOOST_TEST(sha256_file(fetched) == file.sha256);
    BOOST_TEST(!fs::exists(partial));
    BOOST_TEST(!downloads.reached);
    BOOST_TEST(curl.asked().empty());
    fs::remove(fetched);
  }
  write("cache/raw/tiny/train-images.part", "all but");
  Downloads downloads;
  const CacheLock lock("tiny");
  BOOST_CHECK_THROW(fetch_raw_files(set, downloads), DataUnavailable);
  BOOST_TEST(curl.asked().size() == 1U, "a part of it does not do");
}

BOOST_FIXTURE_TEST_CASE(concurrent_processes_share_the_cache, Tiny) {
  prepare("mirror/tiny");
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      try {
        _exit(load_dataset<double>(named("tiny")).train->size() == 3 ? 0 : 1);
      } catch (...) {
        _exit(2);
      }
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    waitpid(child, &status, 0);
    BOOST_TEST(status == 0);
  }
  BOOST_TEST(std::distance(fs::directory_iterator(cache / "converted"), fs::directory_iterator()) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
