#include "tools/admmbench/commands/message_timing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <vector>

#include "core/mpi/mpi.hpp"
#include "experiments/harness/run/sweep_rank.hpp"
#include "results/costs/message_timing.hpp"

namespace admmbench {

namespace {

std::string json_of(const std::vector<MessageTiming>& timings) {
  std::vector<std::string> lines;
  for (const MessageTiming& timing : timings)
    lines.push_back(fmt::format("  {{\"bytes\": {:.0f}, \"seconds\": {:.4g}, \"trips\": {:.0f}}}",
                                timing.bytes, timing.seconds, timing.trips));
  return fmt::format("[\n{}]", fmt::join(lines, ",\n"));
}

std::string json_of(const LinkFit& fit) {
  return fmt::format("{{\"latency\": {:.4g}, \"bandwidth\": {:.4g}, \"worst_error\": {:.3g}}}", fit.latency,
                     fit.bandwidth, fit.worst_error);
}

}  // namespace

std::string timed_messages() {
  const std::optional<LaunchedRank> place = launched_rank();
  if (!place || place->size != 2) {
    if (place && place->rank > 0) throw CLI::RuntimeError(2);  // the first one says why
    throw CLI::ValidationError(
        "--messages", fmt::format("measures between two processes, and {}; start `mpirun -n 2 admmbench "
                                  "scaling --messages`, or with srun -n 2",
                                  !place             ? "no launcher has started this one"
                                  : place->size == 1 ? "there is one"
                                                     : fmt::format("there are {}", place->size)));
  }
  MpiSession mpi;
  Communicator& both = mpi.world();
  const std::vector<MessageTiming> messages = time_messages(both, message_sizes());
  const std::vector<MessageTiming> sums = time_sums(both, message_sizes());
  if (!both.leads()) return {};
  return fmt::format(
      "{{\"launcher\": \"{}\", \"library\": \"{}\", \"on_host\": {},\n"
      " \"message_fit\": {},\n \"sum_fit\": {},\n \"messages\": {},\n \"sums\": {}}}\n",
      place->launcher, mpi_library(), sweep_rank().on_host, json_of(fit_link(messages)),
      json_of(fit_link(sums)), json_of(messages), json_of(sums));
}

}  // namespace admmbench
