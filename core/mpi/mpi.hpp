#pragma once
/// MPI as a Communicator. Without MPI (cmake -D ADMMBENCH_MPI=OFF, or none found) the functions are there and say so.

#include <memory>
#include <optional>
#include <string>

#include "core/parallel/communicator.hpp"

namespace admmbench {

/// The process's place among those that mpirun, mpiexec or srun started together, from its environment: without a call of MPI.
/// Empty: started alone, or by nobody known.
struct LaunchedRank {
  int rank = 0;
  int size = 1;
  std::string launcher;  ///< "Open MPI", "MPICH", "MVAPICH", "Slurm"
};
std::optional<LaunchedRank> launched_rank();

/// "Open MPI 4.1.4", "MPICH 4.0.2"; empty in a build without.
std::string mpi_library();

/// MPI between its initialisation and its end; one per process. Only the thread that made it may communicate.
class MpiSession {
 public:
  /// Throws std::runtime_error in a build without MPI.
  MpiSession();
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;

  Communicator& world() { return *world_; }

  /// Ends all processes of the job at once with this exit code; for who cannot go on while others wait for it. Prints `why` before,
  /// with the rank and the host.
  [[noreturn]] void abort(int code, const std::string& why);

 private:
  std::unique_ptr<Communicator> world_;
};

}  // namespace admmbench
