#include "results/comparison/published.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(published_test)

namespace {

std::string file_with(const std::string& figures) {
  return "paper: p\ncitation: c\nsource: https://s\nfigures:\n" + figures;
}

const std::string head =
    "  f:\n    title: t\n    metric: test_accuracy\n    provenance: quoted\n    setting: s\n";

/// The message of load_published on one file of this text; empty if it loads.
std::string message_of(const std::string& text) {
  const TemporaryFolder folder;
  folder.write("bad.yaml", text);
  try {
    load_published(folder.path());
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_file_is_read_whole) {
  const TemporaryFolder folder;
  folder.write("b.yaml", file_with(head + "    values:\n      mnist: {adam: 0.5, sgd: [0.25, 0.125]}\n"));
  folder.write("notes.txt", "not read");
  const auto figures = load_published(folder.path());
  BOOST_REQUIRE(figures.size() == 2);
  BOOST_TEST(figures[0].key == "p/f");
  BOOST_TEST(figures[0].dataset == "mnist");
  BOOST_TEST(figures[0].method == "adam");
  BOOST_TEST(figures[0].metric == "test_accuracy");
  BOOST_TEST(figures[0].value == 0.5);
  BOOST_TEST(!figures[0].deviation.has_value());
  BOOST_TEST(figures[0].provenance == "quoted");
  BOOST_TEST(figures[0].source == "https://s");
  BOOST_TEST(figures[1].value == 0.25);
  BOOST_TEST(figures[1].deviation.value() == 0.125);
  BOOST_TEST((published_keys(figures) == std::vector<std::string>{"p/f"}));
}

BOOST_AUTO_TEST_CASE(a_cause_is_that_of_a_value) {
  const std::string values = "    values: {mnist: {adam: 0.5, sgd: 0.2}, cora: {adam: 0.7}}\n";
  const TemporaryFolder folder;
  folder.write("b.yaml",
               file_with(head + values + "    causes: {mnist: {sgd: no learning rate is given}}\n"));
  for (const PublishedFigure& figure : load_published(folder.path())) {
    const bool given = figure.dataset == "mnist" && figure.method == "sgd";
    BOOST_TEST(figure.cause == (given ? "no learning rate is given" : ""));
  }
  for (const char* causes : {"{cora: {sgd: why}}", "{pubmed: {adam: why}}"}) {
    const std::string message = message_of(file_with(head + values + "    causes: " + causes + "\n"));
    BOOST_TEST(contains(message, "bad.yaml:11: p/f: causes"), message);
    BOOST_TEST(contains(message, "no such value"), message);
  }
}

BOOST_AUTO_TEST_CASE(a_cause_may_be_that_of_many_values) {
  const std::string values = "    values: {mnist: {adam: 0.5, sgd: 0.2}, cora: {adam: 0.7, sgd: 0.1}}\n";
  const TemporaryFolder folder;
  folder.write(
      "b.yaml",
      file_with(head + values +
                "    causes: {any: {adam: every set}, cora: {any: all of cora}, mnist: {adam: one}}\n"));
  std::vector<std::string> causes;
  for (const PublishedFigure& figure : load_published(folder.path())) causes.push_back(figure.cause);
  BOOST_TEST(causes == (std::vector<std::string>{"one", "", "all of cora", "all of cora"}),
             boost::test_tools::per_element());
  const std::string nobody = message_of(file_with(head + values + "    causes: {any: {adagrad: why}}\n"));
  BOOST_TEST(contains(nobody, "any: adagrad: there is no such value"), nobody);
  const std::string wordy =
      message_of(file_with(head + values + "    causes: {mnist: {adam: " + std::string(111, 'x') + "}}\n"));
  BOOST_TEST(contains(wordy, "more than 110 characters"), wordy);
}

BOOST_AUTO_TEST_CASE(errors_name_file_line_and_key) {
  std::string message =
      message_of(file_with("  f:\n    title: t\n    metric: m\n    provenance: guessed\n    setting: s\n    "
                           "values: {mnist: {a: 1}}\n"));
  BOOST_TEST(contains(message, "bad.yaml:8: p/f: provenance 'guessed'; allowed: quoted, digitised, by eye"),
             message);

  message = message_of(file_with(head + "    values:\n      mnist: {adam: high}\n"));
  BOOST_TEST(contains(message, "bad.yaml:11: p/f: mnist: adam"), message);

  message = message_of(file_with(head + "    valeus: {}\n"));
  BOOST_TEST(contains(message, "bad.yaml:10: p/f: unknown key 'valeus'; allowed: title,"), message);

  message = message_of(file_with(head + "    values: {mnist: 3}\n"));
  BOOST_TEST(contains(message, "bad.yaml:10: p/f: mnist: a mapping"), message);

  message = message_of(file_with(head + "    values: {mnist: {adam: 1, adam: 2}}\n"));
  BOOST_TEST(contains(message, "'adam' is there twice"), message);

  message = message_of(file_with("  f: 3\n"));
  BOOST_TEST(contains(message, "bad.yaml:5: p/f: a mapping"), message);

  message = message_of("paper: p\nfigures: {}\n");
  BOOST_TEST(contains(message, "bad.yaml:1: file: citation is missing"), message);

  for (const char* text : {"", "just text\n", "paper: [\n"}) {
    message = message_of(text);
    BOOST_TEST(contains(message, "bad.yaml:"), message);
  }
  BOOST_CHECK_THROW(load_published("no/such/folder"), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(the_papers_figures_are_sane) {
  const auto figures = load_published(published_folder());
  BOOST_TEST(figures.size() > 400);
  const std::set<std::string> datasets{"mnist",
                                       "fashion-mnist",
                                       "kmnist",
                                       "svhn",
                                       "cifar-10",
                                       "cifar-100",
                                       "cora",
                                       "citeseer",
                                       "pubmed",
                                       "coauthor-cs",
                                       "coauthor-physics",
                                       "flickr",
                                       "amazon-computers",
                                       "amazon-photo",
                                       "ogbn-arxiv"};
  for (const PublishedFigure& f : figures) {
    BOOST_TEST_CONTEXT(f.key << " " << f.dataset << " " << f.method) {
      // A label of an experiment's data set is a name and a size: mnist-200.
      const std::string name = f.dataset.substr(0, f.dataset.find_last_of('-'));
      BOOST_TEST((datasets.contains(f.dataset) || datasets.contains(name)));
      BOOST_TEST(f.value > 0);
      if (f.metric.ends_with("accuracy")) BOOST_TEST(f.value <= 1);
      if (f.deviation) BOOST_TEST((*f.deviation >= 0 && *f.deviation < 0.2));
      BOOST_TEST(f.source.starts_with("https://"));
      BOOST_TEST(!f.citation.empty());
    }
  }
}

/// pdADMM-G's Table IV prints means where PubMed's deviations should be: they must not be taken for deviations.
BOOST_AUTO_TEST_CASE(the_misprinted_deviations_are_left_out) {
  std::size_t without = 0;
  for (const PublishedFigure& f : load_published(published_folder())) {
    if (f.key != "pdadmm_g/table-4") continue;
    BOOST_TEST(f.deviation.has_value() == (f.dataset != "pubmed"));
    without += f.deviation ? 0 : 1;
  }
  BOOST_TEST(without == 6);
}

BOOST_AUTO_TEST_SUITE_END()
