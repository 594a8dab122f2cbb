#include "results/record/run_file.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

#include "results/record/network_file.hpp"
#include "results/record/run_writer.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(run_file_test)

namespace {

RunAttributes attributes() {
  RunAttributes a;
  a.experiment = "e";
  a.dataset = "d";
  a.solver = "s";
  a.label = "l";
  a.seed = 7;
  a.precision = "float64";
  a.config = "a: 1\n";
  a.threads = 2;
  a.status = RunStatus::stopped;
  a.message = "residual 8.1e-10 <= 1e-9 after 143 iterations";
  return a;
}

Trajectory trajectory() {
  Trajectory t;
  t.iteration = {0};
  t.append("objective", 1.5);
  t.iteration.push_back(3);
  t.append("objective", std::numeric_limits<double>::quiet_NaN());
  return t;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a/b/seed-7.h5";
  const auto network = gaussian_network<double>({4, 3, 2}, 1);
  {
    RunWriter writer(path);
    writer.write_network("initial", network);
    writer.write_trajectory(trajectory());
    writer.write_attributes(attributes());
    BOOST_TEST(!std::filesystem::exists(path));
    writer.commit();
  }
  const RunRecord record = read_run(path);
  BOOST_TEST(record.attributes.seed == 7);
  BOOST_TEST(record.attributes.message == attributes().message);
  BOOST_TEST((record.attributes.status == RunStatus::stopped));
  BOOST_TEST(record.trajectory.iteration[1] == 3);
  BOOST_TEST(record.trajectory.find("objective")->front() == 1.5);
  BOOST_TEST(std::isnan(record.trajectory.find("objective")->back()));
  BOOST_TEST(record.trajectory.find("residual") == nullptr);

  const auto again = read_network<double>(path, {4, 3, 2});
  BOOST_TEST(arma::abs(again.W[0] - network.W[0]).max() == 0);
  BOOST_TEST(arma::abs(again.b[1] - network.b[1]).max() == 0);
  BOOST_TEST((Hdf5File::open(path).shape("/initial/W1") == std::vector<std::uint64_t>{3, 4}));
  BOOST_TEST((Hdf5File::open(path).shape("/initial/b1") == std::vector<std::uint64_t>{3}));
}

BOOST_AUTO_TEST_CASE(an_abandoned_writer_leaves_nothing) {
  const TemporaryFolder folder;
  { RunWriter writer(folder.path() / "seed-0.h5"); }
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(a_commit_that_fails_leaves_nothing) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "seed-0.h5/in-the-way");
  {
    RunWriter writer(folder / "seed-0.h5");
    writer.write_trajectory(trajectory());
    BOOST_CHECK_THROW(writer.commit(), std::exception);
  }
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

BOOST_AUTO_TEST_CASE(networks_are_found_at_the_root_initial_and_final) {
  const TemporaryFolder folder;
  for (const std::string group : {"", "/initial", "/final"}) {
    const auto network = gaussian_network<double>({4, 3, 2}, 5);
    const auto path = folder / "network.h5";
    {
      Hdf5File file = Hdf5File::create(path);
      for (int l = 1; l <= 2; ++l) {
        const auto i = static_cast<std::size_t>(l - 1);
        file.write_matrix(group + "/W" + std::to_string(l), network.W[i]);
        file.write_vector(group + "/b" + std::to_string(l), network.b[i]);
      }
      file.flush();
    }
    const auto again = read_network<double>(path, {4, 3, 2});
    BOOST_TEST(arma::abs(again.W[1] - network.W[1]).max() == 0);
    // A network of more layers than asked for is refused, too.
    BOOST_CHECK_THROW(read_network<double>(path, {4, 3}), std::runtime_error);
  }
}

BOOST_AUTO_TEST_CASE(unequal_columns_are_refused) {
  const TemporaryFolder folder;
  Trajectory t = trajectory();
  t.columns[0].second.pop_back();
  RunWriter writer(folder / "seed-0.h5");
  BOOST_CHECK_THROW(writer.write_trajectory(t), std::logic_error);
}

/// It is left out of a table, and named; the others are shown.
BOOST_AUTO_TEST_CASE(an_unreadable_configuration_is_named) {
  const TemporaryFolder folder;
  const auto path = folder / "seed-0.h5";
  {
    RunWriter writer(path);
    RunAttributes a = attributes();
    a.config = "a: [1\n";
    writer.write_attributes(a);
    writer.commit();
  }
  BOOST_CHECK_EXCEPTION(read_run(path), std::runtime_error, [](const std::runtime_error& error) {
    return std::string(error.what()).find("seed-0.h5: attribute config is not readable") != std::string::npos;
  });
}

/// What a killed process leaves behind must not be taken for a result.
BOOST_AUTO_TEST_CASE(a_half_written_file_is_not_found) {
  const TemporaryFolder folder;
  RunWriter writer(folder.path() / "seed-0.h5");
  writer.write_trajectory(trajectory());
  BOOST_TEST(find_runs({folder.path()}).empty());
}

BOOST_AUTO_TEST_CASE(damaged_files_are_refused_by_name) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "seed-0.h5";
  std::ofstream(path) << "not HDF5";
  BOOST_CHECK_THROW(read_run(path), Hdf5Error);
  BOOST_TEST(!peek_run(path));
  Hdf5File::create(folder.path() / "seed-1.h5").flush();
  BOOST_CHECK_THROW(read_run(folder.path() / "seed-1.h5"), std::runtime_error);
  BOOST_TEST(find_runs({folder.path()}).size() == 2);
}

BOOST_AUTO_TEST_CASE(two_identical_runs_give_identical_bytes) {
  const TemporaryFolder folder;
  std::string bytes[2];
  for (int i = 0; i < 2; ++i) {
    const auto path = folder.path() / ("seed-" + std::to_string(i) + ".h5");
    RunWriter writer(path);
    writer.write_network("final", gaussian_network<float>({4, 3, 2}, 1));
    writer.write_trajectory(trajectory());
    writer.write_attributes(attributes());
    writer.commit();
    std::ifstream in(path, std::ios::binary);
    bytes[i].assign(std::istreambuf_iterator<char>(in), {});
  }
  BOOST_TEST((bytes[0] == bytes[1]));
}

BOOST_AUTO_TEST_CASE(network_of_another_shape_is_explained) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "init.h5";
  {
    Hdf5File file = Hdf5File::create(path);
    file.write_matrix("/W1", arma::mat(3, 4, arma::fill::ones));
    file.write_vector("/b1", arma::vec(3, arma::fill::ones));
    file.flush();
  }
  BOOST_CHECK_EXCEPTION(read_network<double>(path, {5, 3}), std::runtime_error,
                        [](const std::runtime_error& error) {
                          return std::string(error.what()).find("(3, 4)") != std::string::npos &&
                                 std::string(error.what()).find("(3, 5)") != std::string::npos;
                        });
  BOOST_CHECK_THROW(read_network<double>(path, {4, 3, 2}), std::runtime_error);
  BOOST_TEST(read_network<double>(path, {4, 3}).layers() == 1);
}

/// HDF5 keeps no attribute of 64 KiB.
BOOST_AUTO_TEST_CASE(long_texts_are_kept_whole) {
  const TemporaryFolder folder;
  RunAttributes a = attributes();
  a.config = "a: " + std::string(59'997, 'x') + "\n";
  for (int i = 0; i < 40'000; ++i) a.tuned += "\xcf\x81, ";  // cut within a character, too
  {
    RunWriter writer(folder / "seed-0.h5");
    writer.write_attributes(a);
    writer.commit();
  }
  const RunRecord record = read_run(folder / "seed-0.h5");
  BOOST_TEST((record.attributes.config == a.config));
  BOOST_TEST((record.attributes.tuned == a.tuned));
}

BOOST_AUTO_TEST_CASE(whatever_is_changed_in_a_file_is_noticed) {
  const TemporaryFolder folder;
  const auto path = folder / "seed-0.h5";
  {
    RunWriter writer(path);
    writer.write_network("final", gaussian_network<double>({4, 3, 2}, 1));
    writer.write_trajectory(trajectory());
    writer.write_attributes(attributes());
    writer.commit();
  }
  const std::string content = Hdf5File::open(path).content_sha256("checksum");
  BOOST_TEST(Hdf5File::open(path).read_text("/", "checksum") == content);
  BOOST_TEST(Hdf5File::open(path).content_sha256("") != content);
  std::string bytes;
  {
    std::ifstream in(path, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  // A bit of every number of the network and the trajectory, wherever HDF5 has put them.
  const auto network = gaussian_network<double>({4, 3, 2}, 1);
  std::size_t flipped = 0;
  for (const double value : network.W[0]) {
    const std::string wanted(reinterpret_cast<const char*>(&value), sizeof value);
    const std::size_t at = bytes.find(wanted);
    BOOST_REQUIRE(at != std::string::npos);
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    std::ofstream(path, std::ios::binary) << damaged;
    BOOST_CHECK_EXCEPTION(read_run(path), Hdf5Error, [&](const Hdf5Error& error) {
      return std::string(error.what()).find("seed-0.h5: damaged: its content") != std::string::npos;
    });
    const PeekedRun peeked = look_at_run(path);
    BOOST_TEST(!peeked.attributes);
    BOOST_TEST(!peeked.damage.empty());
    ++flipped;
  }
  BOOST_TEST(flipped == 12u);
  std::ofstream(path, std::ios::binary) << bytes;
  BOOST_TEST(look_at_run(path).damage == "");
  BOOST_TEST(look_at_run(folder / "none.h5").damage == "");
}

BOOST_AUTO_TEST_SUITE_END()
