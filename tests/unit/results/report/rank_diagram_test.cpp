#include "results/report/rank_diagram.hpp"

#include <boost/test/unit_test.hpp>

#include "results/report/gnuplot.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/rising_runs.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(rank_diagram_test)
using admmbench::testing::contains;
using Groups = std::vector<std::pair<std::size_t, std::size_t>>;

/// Demsar's figure 1(a): C4.5 3.143, +m 2.000, +cf 2.893, +m+cf 1.964, critical difference 1.25 (Nemenyi, 4 methods, 14 sets).
BOOST_AUTO_TEST_CASE(groups_are_those_of_demsar) {
  BOOST_CHECK((alike_groups({1.964, 2.000, 2.893, 3.143}, 1.25) == Groups{{0, 3}}) == true);
  BOOST_CHECK((alike_groups({1.964, 2.000, 2.893, 3.143}, 1.15) == Groups{{0, 2}, {1, 3}}) == true);
  BOOST_CHECK(alike_groups({1, 2, 3}, 0.5).empty());
  BOOST_CHECK((alike_groups({1, 1, 3, 3.2}, 0.5) == Groups{{0, 1}, {2, 3}}) == true);
  // A difference of just the critical one is told apart, as in the text of `rank`.
  BOOST_CHECK(alike_groups({1, 2}, 1).empty());
}

BOOST_AUTO_TEST_CASE(names_the_test_and_the_number_of_data_sets) {
  std::vector<RunRecord> runs;
  for (const std::string& dataset : testing::ranked_sets) {
    for (std::int64_t seed = 0; seed < 3; ++seed) {
      for (const auto& [label, accuracy] :
           {std::pair("good", 0.9), std::pair("fair_1", 0.8), std::pair("poor", 0.7)})
        runs.push_back(
            testing::rising_run(dataset, label, seed, accuracy + 0.001 * static_cast<double>(seed)));
    }
  }
  const MethodRanking ranking = rank_runs(runs, {});
  const std::string script = rank_diagram_script(ranking, "d.svg");
  for (const char* words :
       {"'good (1.00)'", "'fair_1 (2.00)'", "'poor (3.00)'", "n = 3 data", "Nemenyi", "level 0.05", "CD ="})
    BOOST_TEST(contains(script, words), words);
  runs.erase(std::remove_if(runs.begin(), runs.end(),
                            [](const RunRecord& run) { return run.attributes.dataset != "a"; }),
             runs.end());
  BOOST_CHECK_THROW(rank_diagram_script(rank_runs(runs, {}), "d.svg"), FigureError);
}

BOOST_AUTO_TEST_SUITE_END()
