/// Runs that were made elsewhere.

#include "results/record/foreign_runs.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/io/hdf5_file.hpp"
#include "results/record/run_file.hpp"
#include "results/record/run_writer.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(foreign_runs_test)

namespace {

const ForeignNames named{{"experiment", "e"}, {"dataset", "cora"}, {"label", "theirs"}, {"seed", "0"}};

const std::string two_runs =
    "label,seed,iteration,seconds,train_loss,test_accuracy,param.lr\n"
    "theirs,0,0,0,1.5,0.25,0.1\n"
    "theirs,1,0,0,1.25,0.3,0.1\n"
    "theirs,0,10,2.5,0.5,0.75,0.1\n"
    "theirs,1,10,2.25,nan,,0.1\n";

/// The message of what is wrong with `text`; all of `parts` must be in it.
void check_wrong(const std::string& text, const ForeignNames& names, const std::vector<std::string>& parts) {
  const TemporaryFolder folder;
  std::string message = "nothing";
  try {
    read_foreign_runs(folder.write("x.csv", text), names);
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  for (const std::string& part : parts)
    BOOST_TEST(message.find(part) != std::string::npos, "no '" << part << "' in: " << message);
}

}  // namespace

BOOST_AUTO_TEST_CASE(csv_becomes_result_files) {
  const TemporaryFolder folder;
  const auto file = folder.write("x.csv", two_runs);
  const auto runs = read_foreign_runs(file, {{"experiment", "e"}, {"dataset", "cora"}});
  BOOST_REQUIRE(runs.size() == 2u);
  const auto written = write_foreign_runs(runs, folder.path() / "runs", false);
  BOOST_REQUIRE(written.size() == 2u);
  BOOST_TEST(written[1] == folder.path() / "runs/e/cora/theirs/seed-1.h5");
  const RunRecord first = read_run(written[0]);
  BOOST_TEST(first.attributes.solver == "imported");
  BOOST_TEST(first.attributes.label == "theirs");
  BOOST_TEST((first.trajectory.iteration == std::vector<std::int64_t>{0, 10}));
  BOOST_TEST((*first.trajectory.find("train_loss") == std::vector<double>{1.5, 0.5}));
  BOOST_TEST((*first.trajectory.find("seconds_elsewhere") == std::vector<double>{0, 2.5}));
  BOOST_TEST(first.trajectory.find("seconds") == nullptr);  // another machine's: beside ours nowhere
  BOOST_TEST((first.config.params == std::vector<std::pair<std::string, std::string>>{{"lr", "0.1"}}));
  const RunRecord second = read_run(written[1]);
  BOOST_TEST(std::isnan(second.trajectory.find("train_loss")->back()));
  // Runs of one setting: they may be averaged.
  BOOST_TEST(first.config.settings_sha256 == second.config.settings_sha256);
}

BOOST_AUTO_TEST_CASE(hdf5_becomes_a_result_file) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "x.h5";
  {
    Hdf5File file = Hdf5File::create(path);
    file.write_vector("trajectory/iteration", std::vector<std::int64_t>{0, 1, 5});
    file.write_vector("trajectory/objective", std::vector<double>{3, 2, 1});
    file.write_matrix("final/W1", arma::mat(2, 2, arma::fill::ones));
    file.write_attribute("/", "label", std::string("theirs"));
    file.write_attribute("/", "seed", std::int64_t{4});
  }
  const auto runs = read_foreign_runs(path, {{"experiment", "e"}, {"dataset", "cora"}});
  BOOST_REQUIRE(runs.size() == 1u);
  BOOST_TEST(runs[0].attributes.seed == 4);
  BOOST_TEST((*runs[0].trajectory.find("objective") == std::vector<double>{3, 2, 1}));
}

BOOST_AUTO_TEST_CASE(everything_missing_is_said_at_once) {
  check_wrong("step,loss\n1,2\n", {},
              {"no experiment", "no dataset", "no label", "no seed", "--label", "no iteration"});
  check_wrong("iteration\n1\n", named, {"no quantity"});
  check_wrong("iteration,loss\n", named, {"no records"});
  check_wrong("", named, {"is empty"});
  check_wrong("iteration,loss\n0,a\n1.5,2\n", named,
              {"record 1: loss is 'a'", "record 2: iteration 1.5 is no whole number"});
  check_wrong("iteration,loss\n1,1\n0,2\n", named, {"ascending"});
  check_wrong("iteration,test_accuracy\n0,75\n", named, {"test_accuracy is 75"});
  check_wrong("iteration,loss,loss\n0,1,2\n", named, {"two columns are called loss"});
  check_wrong("iteration,loss,precision\n0,1,half\n", named, {"precision 'half'", "float32 or float64"});
  check_wrong("iteration,loss,host\n0,1,a\n1,1,b\n", named, {"record 2: host is 'b', and 'a' before"});
  for (const char* const bad : {"../x", "a/b", "", ".."}) {
    ForeignNames names = named;
    names["label"] = bad;
    check_wrong("iteration,loss\n0,1\n", names, {*bad == '\0' ? "no label" : bad});
  }
}

BOOST_AUTO_TEST_CASE(nothing_complete_is_replaced) {
  const TemporaryFolder folder;
  const auto runs = read_foreign_runs(folder.write("x.csv", "iteration,loss\n0,1\n"), named);
  const auto others = read_foreign_runs(folder.write("y.csv", "iteration,loss\n0,2\n"), named);
  const auto place = write_foreign_runs(runs, folder.path(), false).front();
  BOOST_CHECK_NO_THROW(write_foreign_runs(runs, folder.path(), false));  // the same again
  BOOST_CHECK_THROW(write_foreign_runs(others, folder.path(), false), std::runtime_error);
  BOOST_TEST(read_run(place).trajectory.find("loss")->front() == 1);
  write_foreign_runs(others, folder.path(), true);
  BOOST_TEST(read_run(place).trajectory.find("loss")->front() == 2);
  // One of ours stays, whatever is asked for.
  RunRecord ours = others.front();
  ours.attributes.solver = "adam";
  ours.attributes.content_hash = "other";
  {
    RunWriter writer(place);
    writer.write_trajectory(ours.trajectory);
    writer.write_attributes(ours.attributes);
    writer.commit();
  }
  BOOST_CHECK_THROW(write_foreign_runs(runs, folder.path(), true), std::runtime_error);
  BOOST_TEST(read_run(place).attributes.solver == "adam");
}

BOOST_AUTO_TEST_SUITE_END()
