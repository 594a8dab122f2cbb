#include "core/mpi/mpi.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace admmbench {

namespace {

std::optional<int> number_of(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return std::nullopt;
  char* end = nullptr;
  const long value = std::strtol(text, &end, 10);
  if (*end != '\0' || value < 0) return std::nullopt;
  return static_cast<int>(value);
}

}  // namespace

std::optional<LaunchedRank> launched_rank() {
  struct Launcher {
    const char* name;
    const char* rank;
    const char* size;
  };
  // srun sets its own variables beside those of the MPI that it starts, and a batch script has them too, with one task that
  // nobody started with others: it is asked last, and only inside of a step.
  constexpr std::array launchers{
      Launcher{"Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
      Launcher{"MPICH", "PMI_RANK", "PMI_SIZE"},
      Launcher{"MVAPICH", "MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE"},
      Launcher{"Slurm", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"},
  };
  for (const Launcher& launcher : launchers) {
    const std::optional<int> rank = number_of(launcher.rank);
    const std::optional<int> size = number_of(launcher.size);
    if (rank && size && *rank < *size) return LaunchedRank{*rank, *size, launcher.name};
  }
  return std::nullopt;
}

#ifndef ADMMBENCH_WITH_MPI

std::string mpi_library() { return {}; }

MpiSession::MpiSession() {
  throw std::runtime_error(
      "this admmbench was built without MPI, so that processes cannot share a run; install an MPI "
      "(Debian: libopenmpi-dev) and build again, or start one process only");
}
MpiSession::~MpiSession() = default;
void MpiSession::abort(int code, const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(code);
}

#endif

}  // namespace admmbench
