/// What mpirun, mpiexec and srun say of the processes that they started, beyond rank and size.

#include "experiments/harness/run/sweep_rank.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <stdexcept>
#include <string>

#include "tests/support/contains.hpp"

using namespace admmbench;
using admmbench::testing::contains;

namespace {

using Environment = std::map<std::string, std::string>;

SweepRank rank_in(const std::string& launcher, const Environment& environment) {
  return sweep_rank(LaunchedRank{3, 8, launcher}, [&](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

const Environment of_step{{"SLURM_STEP_TASKS_PER_NODE", "3(x2),2"}, {"SLURM_NODEID", "1"}};

}  // namespace

BOOST_AUTO_TEST_SUITE(sweep_rank_test)

BOOST_AUTO_TEST_CASE(alone_without_a_launcher) {
  const SweepRank rank = sweep_rank(std::nullopt, [](const char*) { return "7"; });
  BOOST_TEST(rank.command.empty());
  BOOST_TEST(rank.first());
  BOOST_TEST(!rank.shares());
  BOOST_TEST(rank.on_host == 1);
}

BOOST_AUTO_TEST_CASE(open_mpi_also_inside_a_slurm_job) {
  Environment environment{{"OMPI_COMM_WORLD_LOCAL_SIZE", "4"}};
  for (const bool slurm : {false, true}) {
    if (slurm) environment.insert(of_step.begin(), of_step.end());
    const SweepRank rank = rank_in("Open MPI", environment);
    BOOST_TEST(rank.command == "mpirun -n 8");
    BOOST_TEST(rank.rank == 3);
    BOOST_TEST(!rank.first());
    BOOST_TEST(rank.on_host == 4);
  }
}

BOOST_AUTO_TEST_CASE(mpich) {
  const SweepRank rank = rank_in("MPICH", {{"MPI_LOCALNRANKS", "1"}});
  BOOST_TEST(rank.command == "mpiexec -n 8");
  BOOST_TEST(rank.on_host == 1);
  BOOST_TEST(rank_in("MPICH", {}).on_host == 8);  // not said: it could be all of them
}

BOOST_AUTO_TEST_CASE(slurm_with_and_without_pmi) {
  for (const char* launcher : {"Slurm", "MPICH"}) {
    const SweepRank rank = rank_in(launcher, of_step);
    BOOST_TEST(rank.command == "srun -n 8");
    BOOST_TEST(rank.on_host == 3);
    BOOST_TEST(rank.cores == 0);
  }
  Environment four = of_step;
  four["SLURM_CPUS_PER_TASK"] = "4";
  BOOST_TEST(rank_in("Slurm", four).cores == 4);
}

BOOST_AUTO_TEST_CASE(nonsense_is_named) {
  for (const char* wrong : {"x", "-1", "0", "3.5"}) {
    BOOST_CHECK_EXCEPTION(rank_in("Open MPI", {{"OMPI_COMM_WORLD_LOCAL_SIZE", wrong}}), std::runtime_error,
                          [&](const std::exception& error) {
                            return contains(error.what(), std::string("OMPI_COMM_WORLD_LOCAL_SIZE=") + wrong);
                          });
  }
}

BOOST_AUTO_TEST_CASE(counts_of_tasks_by_node) {
  BOOST_TEST(tasks_on_node("2", 0) == 2);
  BOOST_TEST(tasks_on_node("2(x3),1", 2) == 2);
  BOOST_TEST(tasks_on_node("2(x3),1", 3) == 1);
  BOOST_TEST(tasks_on_node("4,2(x2)", 1) == 2);
  for (const char* wrong : {"", "2(x3),1,", "2(x3", "x", "0"})
    BOOST_CHECK_THROW(tasks_on_node(wrong, 4), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(cores_are_shared_with_the_others_on_the_host) {
  SweepRank rank;
  rank.size = rank.on_host = 4;
  BOOST_TEST(cores_of(rank, 16, 32) == 8);  // bound to a socket that two of them share
  BOOST_TEST(cores_of(rank, 1, 32) == 1);   // bound to a core
  BOOST_TEST(cores_of(rank, 2, 2) == 1);    // more ranks than cores
  rank.cores = 6;
  BOOST_TEST(cores_of(rank, 16, 32) == 6);
  BOOST_TEST(cores_of(SweepRank{}, 2, 2) == 2);
}

BOOST_AUTO_TEST_SUITE_END()
