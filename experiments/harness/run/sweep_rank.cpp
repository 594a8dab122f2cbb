#include "experiments/harness/run/sweep_rank.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "experiments/harness/run/environment.hpp"

namespace admmbench {

namespace {

std::optional<long> whole_number(std::string_view text) {
  long value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

/// The whole number >= `least` that `name` is; empty if it is not set.
std::optional<long> number_of(const Variables& variable, const char* name, long least) {
  const char* text = variable(name);
  if (text == nullptr || *text == '\0') return std::nullopt;
  const std::optional<long> value = whole_number(text);
  if (!value || *value < least)
    throw std::runtime_error(
        fmt::format("{}={} in the environment; allowed: a whole number >= {}", name, text, least));
  return value;
}

/// Of a step's processes, those on this node; empty outside of Slurm.
std::optional<long> on_node_of_slurm(const Variables& variable) {
  const char* counts = variable("SLURM_STEP_TASKS_PER_NODE");
  const std::optional<long> node = number_of(variable, "SLURM_NODEID", 0);
  if (counts == nullptr || !node) return std::nullopt;
  return tasks_on_node(counts, *node);
}

}  // namespace

long tasks_on_node(const std::string& counts, long node) {
  for (std::size_t at = 0; at < counts.size();) {
    const std::size_t comma = std::min(counts.find(',', at), counts.size());
    std::string_view entry = std::string_view(counts).substr(at, comma - at);
    at = comma + 1;
    long nodes = 1;
    if (const auto times = entry.find("(x"); times != std::string_view::npos && entry.ends_with(')')) {
      nodes = whole_number(entry.substr(times + 2, entry.size() - times - 3)).value_or(0);
      entry = entry.substr(0, times);
    }
    const long tasks = whole_number(entry).value_or(0);
    if (tasks < 1 || nodes < 1) break;
    if (node < nodes) return tasks;
    node -= nodes;
  }
  throw std::invalid_argument(fmt::format("'{}' has no count of tasks for every node", counts));
}

SweepRank sweep_rank(const std::optional<LaunchedRank>& launched, const Variables& variable) {
  SweepRank rank;
  if (!launched) return rank;
  const bool open_mpi = launched->launcher == "Open MPI";  // its mpirun may itself be a Slurm step
  const std::optional<long> on_node = open_mpi ? std::nullopt : on_node_of_slurm(variable);
  rank.command = fmt::format("{} -n {}", open_mpi ? "mpirun" : on_node ? "srun" : "mpiexec", launched->size);
  rank.rank = launched->rank;
  rank.size = launched->size;
  rank.on_host = on_node ? *on_node
                         : number_of(variable, open_mpi ? "OMPI_COMM_WORLD_LOCAL_SIZE" : "MPI_LOCALNRANKS", 1)
                               .value_or(rank.size);
  if (on_node) rank.cores = number_of(variable, "SLURM_CPUS_PER_TASK", 1).value_or(0);
  return rank;
}

SweepRank sweep_rank() {
  return sweep_rank(launched_rank(), [](const char* name) -> const char* { return std::getenv(name); });
}

long cores_of(const SweepRank& rank, long usable, long online) {
  if (rank.cores > 0) return rank.cores;
  return std::max(1L, std::min(usable, online / std::max(1L, rank.on_host)));
}

long cores_of(const SweepRank& rank) { return cores_of(rank, available_cores(), machine_cores()); }

}  // namespace admmbench
