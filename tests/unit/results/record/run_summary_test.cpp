#include "results/record/run_summary.hpp"

#include <boost/test/unit_test.hpp>
#include <sstream>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(run_summary_test)

namespace {

/// `count` records, of iterations 0, 2, 4, ...; objective = 100 - iteration, primal only if asked for.
RunRecord run(std::size_t count, bool primal = false) {
  RunRecord result;
  result.attributes.experiment = "e";
  result.attributes.dataset = "d";
  result.attributes.solver = "s";
  result.attributes.label = "a, b";
  result.attributes.seed = 3;
  for (std::size_t i = 0; i < count; ++i)
    result.trajectory.iteration.push_back(static_cast<std::int64_t>(2 * i));
  std::vector<double> objective;
  for (const std::int64_t k : result.trajectory.iteration) objective.push_back(100 - static_cast<double>(k));
  result.trajectory.columns.emplace_back("objective", objective);
  if (primal) result.trajectory.columns.emplace_back("primal", std::vector<double>(count, 0.5));
  return result;
}

std::string written(const std::vector<RunRecord>& runs, const RecordLines& lines) {
  std::ostringstream out;
  write_records_header(out, lines);
  for (const RunRecord& run : runs) write_records(out, run, lines);
  return out.str();
}

const std::string start = "e,,d,s,\"a, b\",3,completed,";

}  // namespace

BOOST_AUTO_TEST_CASE(long_is_a_line_per_record_and_quantity) {
  BOOST_TEST(written({run(2, true)}, {{}, {"objective", "primal"}, 0, false}) ==
             "experiment,profile,dataset,solver,label,seed,status,iteration,quantity,value\n" + start +
                 "0,objective,100\n" + start + "2,objective,98\n" + start + "0,primal,0.5\n" + start +
                 "2,primal,0.5\n");
}

BOOST_AUTO_TEST_CASE(wide_is_a_line_per_record_and_leaves_empty_what_a_run_has_not) {
  BOOST_TEST(written({run(1, true), run(2)}, {{}, {"primal", "objective"}, 0, true}) ==
             "experiment,profile,dataset,solver,label,seed,status,iteration,primal,objective\n" + start +
                 "0,0.5,100\n" + start + "0,,100\n" + start + "2,,98\n");
}

/// Whatever the numbers: as many as asked for or as there are, increasing, the first and the last among them, gaps alike to one.
BOOST_AUTO_TEST_CASE(points_are_evenly_chosen_with_both_ends) {
  for (std::size_t count = 1; count <= 40; ++count) {
    for (std::size_t points = 2; points <= 45; ++points) {
      std::istringstream text(written({run(count)}, {{}, {"objective"}, points, true}));
      std::string line;
      std::getline(text, line);
      std::vector<std::size_t> records;
      while (std::getline(text, line)) records.push_back(std::stoul(line.substr(start.size())) / 2);
      BOOST_TEST_CONTEXT(points << " of " << count) {
        BOOST_TEST_REQUIRE(records.size() == std::min(count, points));
        BOOST_TEST(records.back() == count - 1);
        BOOST_TEST((records.size() == 1 || records.front() == 0));
        for (std::size_t i = 2; i < records.size(); ++i) {
          const std::size_t gap = records[i] - records[i - 1];
          BOOST_TEST(gap >= 1U);
          BOOST_TEST(gap + 1 >= records[1] - records[0]);
          BOOST_TEST(gap <= records[1] - records[0] + 1);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(curves_come_back_as_they_were_written) {
  RunRecord second = run(2);
  second.attributes.seed = 4;
  second.attributes.status = RunStatus::diverged;
  second.config.profile = "quick";
  const std::string text = written({run(3, true), second}, {{}, {"primal", "objective"}, 0, true});
  const std::vector<RunRecord> found = read_curves(text, "c.csv");
  BOOST_REQUIRE(found.size() == 2);
  BOOST_TEST(written(found, {{}, {"primal", "objective"}, 0, true}) == text);
  BOOST_TEST(found[0].trajectory.find("primal")->size() == 3);
  BOOST_TEST((found[1].trajectory.find("primal") == nullptr));
  BOOST_TEST((found[1].attributes.status == RunStatus::diverged));
  BOOST_TEST(found[1].config.profile == "quick");
  BOOST_TEST(is_curves_header({"dataset", "label", "seed", "status", "iteration", "objective"}));
  BOOST_TEST(!is_curves_header({"dataset", "label", "seed", "status", "iteration", "quantity", "value"}));
}

BOOST_AUTO_TEST_CASE(a_run_ends_at_any_of_its_records) {
  const std::optional<RunRecord> early = ended_at(run(5), 4);
  BOOST_REQUIRE(early.has_value());
  BOOST_TEST(early->iterations() == 4);
  BOOST_TEST(early->last("objective").value() == 96);
  BOOST_TEST(early->trajectory.columns[0].second.size() == 3);
  BOOST_TEST(!ended_at(run(5), 3).has_value());
  BOOST_TEST(!ended_at(run(5), 10).has_value());
}

BOOST_AUTO_TEST_CASE(curves_that_are_none_are_refused) {
  const auto message_of = [](const std::string& text) {
    try {
      read_curves(text, "c.csv");
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string head = "experiment,profile,dataset,solver,label,seed,status,iteration,objective\n";
  BOOST_TEST(message_of("a,b\n1,2\n").find("c.csv: is not what `admmbench export --wide` writes") == 0);
  BOOST_TEST(message_of(head + "e,,d,s,a,3,completed,0,x\n").find("c.csv: row 1, column objective") == 0);
  BOOST_TEST(message_of(head + "e,,d,s,a,3,completed,2,1\ne,,d,s,a,3,completed,2,1\n")
                 .find("c.csv: row 2, column iteration: a run's iterations must increase") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
