#include "datasets/registry.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "datasets/generator.hpp"
#include "tests/support/data_fixture.hpp"

using namespace admmbench;
using namespace admmbench::testing;

BOOST_AUTO_TEST_SUITE(registry_test)

namespace {

/// The least that an entry needs.
const std::string least = "kind: idx, files: [{role: x, name: x.gz, md5: 0}]";

}  // namespace

BOOST_AUTO_TEST_CASE(the_real_registry_is_complete) {
  unsetenv("ADMMBENCH_DATASETS_DIR");
  std::set<std::string> names;
  for (const RegistryEntry& entry : dataset_registry()) {
    BOOST_TEST_CONTEXT(entry.name) {
      BOOST_TEST(names.insert(entry.name).second);
      BOOST_TEST(!entry.summary.empty());
      if (entry.synthetic()) {
        BOOST_TEST((find_generated_dataset(entry.name) != nullptr));
        continue;
      }
      BOOST_TEST(!entry.licence.empty());
      BOOST_TEST(!entry.citation.empty());
      BOOST_TEST(!entry.addresses.empty());
      for (const std::string& address : entry.addresses) BOOST_TEST(address.back() == '/');
      for (const char* count : {"train", "features"}) BOOST_TEST(entry.expected.contains(count));
      BOOST_TEST(entry.expected.contains("test") == (entry.name != "w8a"));  // has no test set
      BOOST_TEST(entry.expected.contains("classes") != entry.regression());
      if (entry.kind.starts_with("masked_")) BOOST_TEST(entry.splits() == 10);
      for (const char* count : {"nodes", "edges", "val"})
        BOOST_TEST(entry.expected.contains(count) == entry.graph());
      for (const RawFile& file : entry.files) {
        const bool known = (file.sha256 + file.unpacked_sha256).size() == 64 || file.md5.size() == 32;
        BOOST_TEST(known == (entry.name != "flickr"));  // nobody has published hashes of its files
        BOOST_TEST(file.hashed() == known);
      }
    }
  }
  for (const char* name : {"mnist",
                           "fashion-mnist",
                           "kmnist",
                           "cora",
                           "citeseer",
                           "pubmed",
                           "coauthor-cs",
                           "a9a",
                           "coauthor-physics",
                           "amazon-computers",
                           "amazon-photo",
                           "blobs",
                           "teacher-student",
                           "sbm",
                           "minesweeper",
                           "tolokers",
                           "actor",
                           "chameleon",
                           "squirrel",
                           "w8a",
                           "uci-kin40k",
                           "uci-protein",
                           "uci-pol",
                           "uci-elevators",
                           "uci-bike",
                           "letter",
                           "satellite",
                           "shuttle",
                           "dna",
                           "spam",
                           "digits",
                           "cifar-10",
                           "cifar-100",
                           "cifar-100-coarse",
                           "svhn",
                           "flickr",
                           "ogbn-arxiv"}) {
    BOOST_TEST(names.contains(name), name);
  }
}

BOOST_FIXTURE_TEST_CASE(errors_name_line_and_key, DataFolder) {
  const auto attempt = [&](const std::string& text) {
    write("datasets/registry.yaml", text);
    return dataset_registry();
  };
  BOOST_CHECK_EXCEPTION(attempt("a:\n  kind: idx\n  colour: red\n"), DataError,
                        says({"registry.yaml:3", "colour"}));
  BOOST_CHECK_EXCEPTION(attempt("a:\n  kind: jpeg\n"), DataError,
                        says({"registry.yaml:2", "jpeg", "planetoid"}));
  BOOST_CHECK_EXCEPTION(attempt("a:\n  kind: idx\n  files:\n    - {role: x, name: y}\n"), DataError,
                        says({"registry.yaml:4", "exactly one of sha256"}));
  BOOST_CHECK_EXCEPTION(attempt("a:\n  kind: idx\n  files:\n    - {role: x, name: y, md5: 0, hash: none}\n"),
                        DataError, says({"registry.yaml:4", "exactly one of sha256", "hash: none"}));
  BOOST_CHECK_EXCEPTION(
      attempt("a: {kind: idx, files: [{role: x, name: y, address: /etc/passwd, hash: none}]}\n"), DataError,
      says({"registry.yaml:1", "/etc/passwd", "https://"}));
  for (const char* folder : {"../up", "/usr/../etc", "/usr/.hidden", "a/b", "-x"}) {
    BOOST_CHECK_EXCEPTION(
        attempt(fmt::format("a: {{kind: idx, system: {{folder: {}, package: p}}}}\n", folder)), DataError,
        says({"registry.yaml:1", "the folder is", folder}));
  }
  attempt("a: {" + least + "}\n");
  BOOST_CHECK_EXCEPTION(find_dataset("b"), DataError, says({"'b'", "known: a"}));
}

BOOST_FIXTURE_TEST_CASE(further_registries_are_added, DataFolder) {
  write("datasets/registry.yaml", "a: {" + least + "}\n");
  write("mine.yaml", "mine: {" + least + ", summary: own}\n");
  write("more.yaml", "more: {" + least + "}\n");
  const auto names = [&](const std::string& files) {
    setenv("ADMMBENCH_REGISTRY", files.c_str(), 1);
    std::string joined;
    for (const RegistryEntry& entry : dataset_registry())
      if (!entry.synthetic()) joined += entry.name + " ";
    return joined;
  };
  BOOST_TEST(names("") == "a ");
  BOOST_TEST(names((root / "mine.yaml").string()) == "a mine ");
  BOOST_TEST(names((root / "more.yaml").string() + "::" + (root / "mine.yaml").string()) == "a more mine ");
  write("more.yaml", "more: {" + least + "}\n\na: {" + least + "}\n");
  BOOST_CHECK_EXCEPTION(names((root / "more.yaml").string()), DataError,
                        says({"more.yaml:3", "a is registered already"}));
  BOOST_CHECK_EXCEPTION(names("/no/such.yaml"), DataError, says({"/no/such.yaml"}));
  unsetenv("ADMMBENCH_REGISTRY");
}

BOOST_AUTO_TEST_SUITE_END()
