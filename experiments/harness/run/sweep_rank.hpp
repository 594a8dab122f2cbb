#pragma once
/// One of the processes among which `run --sweep` shares the runs: started together by mpirun, mpiexec or srun, and known by what
/// these put into the environment. Nothing is sent between them: they find out by claim files (claim.hpp) who makes which run.

#include <functional>
#include <optional>
#include <string>

#include "core/mpi/mpi.hpp"

namespace admmbench {

/// The value of an environment variable, or null.
using Variables = std::function<const char*(const char*)>;

struct SweepRank {
  std::string command;  ///< what started them, to be shown: "mpirun -n 4"; empty: nothing did
  long rank = 0;
  long size = 1;
  long on_host = 1;  ///< how many of them are on this host
  long cores = 0;    ///< that the launcher says each has; 0: it says nothing

  bool first() const { return rank == 0; }
  bool shares() const { return size > 1; }
};

/// `launched`, with what its launcher says of the host. Throws std::runtime_error naming a variable that is not what it should be.
SweepRank sweep_rank(const std::optional<LaunchedRank>& launched, const Variables& variable);
/// Of this process.
SweepRank sweep_rank();

/// Processors for one of the processes: what the launcher says; else those that it may use (`usable`), as far as that leaves the
/// others on its host their share of all `online`. At least 1.
long cores_of(const SweepRank& rank, long usable, long online);
/// Of this process.
long cores_of(const SweepRank& rank);

/// The entry of a node in Slurm's list of counts, "2(x3),1": two on each of three nodes, one on the fourth. Throws
/// std::invalid_argument.
long tasks_on_node(const std::string& counts, long node);

}  // namespace admmbench
