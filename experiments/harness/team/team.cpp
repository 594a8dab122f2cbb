#include "experiments/harness/team/team.hpp"

#include <fmt/format.h>

#include <exception>
#include <vector>

namespace admmbench {

TeamShape team_shape(bool layers, bool samples, const ParallelOptions& options, long processes) {
  const auto fail = [](const std::string& why) { throw std::invalid_argument(why); };
  if (processes == 1) return {};
  if (!layers && !samples) {
    fail(
        fmt::format("{} processes cannot share its runs, neither by layers nor by samples; allowed: one "
                    "process, or --sweep, which hands whole runs out",
                    processes));
  }
  const long shards = options.samples.value_or(layers ? 1 : processes);
  if (shards > 1 && !samples)
    fail(fmt::format("its samples cannot be shared (parallel.samples: {}); allowed: 1", shards));
  if (processes % shards != 0) {
    fail(
        fmt::format("{} processes do not divide into parallel.samples = {} shards; allowed: a multiple of {}",
                    processes, shards, shards));
  }
  const long groups = processes / shards;
  if (groups > 1 && !layers) {
    fail(
        fmt::format("its layers cannot be shared, and {} processes are more than parallel.samples = {} "
                    "shards; allowed: {} processes, or parallel.samples: auto",
                    processes, shards, shards));
  }
  const auto given = static_cast<long>(options.layers.size());
  if (given > 0 && given != groups) {
    fail(
        fmt::format("parallel.layers has {} groups, and {} processes with {} shards of samples make {}; "
                    "allowed: as many entries, or auto",
                    given, processes, shards, groups));
  }
  return {groups, shards};
}

Team::~Team() {
  if (leads() && broken_.empty()) give(Order::end);
}

void Team::give(Order order) { all().broadcast(bytes_of(&order, 1), 0); }

Order Team::take() {
  Order order{};
  all().broadcast(bytes_of(&order, 1), 0);
  return order;
}

void Team::share(std::uint64_t& value) { all().broadcast(bytes_of(&value, 1), 0); }

void Team::share(std::string& text) {
  std::uint64_t size = text.size();
  share(size);
  text.resize(size);
  all().broadcast(bytes_of(text.data(), text.size()), 0);
}

void Team::share(TeamRun& run) {
  share(run.config);
  share(run.folder);
  share(run.shards);
  share(run.threads);
  share(run.send_u);
  std::uint64_t count = run.layers.size();
  share(count);
  run.layers.resize(count);
  all().broadcast(bytes_of(run.layers.data(), run.layers.size()), 0);
}

const ParallelRun& Team::form(const TeamRun& run) {
  const auto shards = static_cast<int>(run.shards);
  run_.layer_groups = run.layers;
  run_.send_u = run.send_u != 0;
  if (samples_ != nullptr && samples_->size() == shards) return run_;
  const int shard = all().rank() % shards;
  const int group = all().rank() / shards;
  layers_ = all().split(shard, group);
  samples_ = all().split(group, shard);
  run_.all = &all();
  run_.layers = layers_.get();
  run_.samples = samples_.get();
  return run_;
}

void Team::agree(const std::exception_ptr& mine) {
  std::vector<double> threw(static_cast<std::size_t>(size()));
  threw[static_cast<std::size_t>(all().rank())] = mine ? 1 : 0;
  all().sum(std::span<double>(threw));
  std::size_t first = 0;
  while (first < threw.size() && threw[first] == 0) ++first;
  if (first == threw.size()) return;
  std::string what;
  if (mine) {
    try {
      std::rethrow_exception(mine);
    } catch (const std::exception& error) {
      what = error.what();
    } catch (...) {
      what = "something that is no std::exception";
    }
  }
  // Its text, from the first that threw.
  std::uint64_t length = what.size();
  all().broadcast(bytes_of(&length, 1), static_cast<int>(first));
  what.resize(length);
  all().broadcast(bytes_of(what.data(), what.size()), static_cast<int>(first));
  if (mine) std::rethrow_exception(mine);
  throw std::runtime_error(fmt::format("process {}: {}", first, what));
}

}  // namespace admmbench
