#pragma once
/// A pdADMM run made twice: by this process alone, and by all of a communicator that share its layers.

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/compute/rng.hpp"
#include "solvers/pdadmm/pdadmm_gq.hpp"
#include "tests/distributed/world.hpp"
#include "tests/support/memory_archive.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/solver_state.hpp"

namespace admmbench::testing {

/// Followers' archives have no bytes: zeros are restored, what is saved is thrown away.
class NothingArchived final : public StateArchive {
 public:
  explicit NothingArchived(bool restores) : restores_(restores) {}
  bool restores() const override { return restores_; }

 protected:
  void bytes(void* data, std::size_t size) override {
    if (restores_ && size > 0) std::memset(data, 0, size);
  }

 private:
  bool restores_;
};

/// Processes that share the layers, none the samples.
class LayerTeam {
 public:
  LayerTeam(Communicator& layers, std::vector<long> groups, bool send_u)
      : alone_(layers.split(layers.rank(), 0)),
        run_{&layers, &layers, alone_.get(), std::move(groups), send_u} {}
  const ParallelRun& run() const { return run_; }

 private:
  std::unique_ptr<Communicator> alone_;
  ParallelRun run_;
};

/// `layers` in `groups` groups, at random.
inline std::vector<long> random_groups(Rng& rng, long layers, int groups) {
  std::vector<long> counts(static_cast<std::size_t>(groups), 1);
  for (long left = layers - groups; left > 0; --left) {
    const double place = rng.uniform() * static_cast<double>(groups);
    ++counts[std::min(counts.size() - 1, static_cast<std::size_t>(place))];
  }
  return counts;
}

template <class M>
bool same_bits(const M& a, const M& b) {
  return a.n_rows == b.n_rows && a.n_cols == b.n_cols &&
         (a.n_elem == 0 ||
          std::memcmp(a.memptr(), b.memptr(), a.n_elem * sizeof(typename M::elem_type)) == 0);
}

/// The names of the variables that differ.
template <class T>
std::string differences(const SolverState<T>& one, const SolverState<T>& other) {
  std::string names;
  if (one.variables.size() != other.variables.size()) names = "their number";
  for (const auto& [name, value] : one.variables) {
    const auto found = other.variables.find(name);
    if (found == other.variables.end() || !same_bits(value, found->second)) names += " " + name;
  }
  return names;
}

/// What of the state the process saves; empty in followers.
template <class T>
std::string saved(Solver<T>& solver, const Communicator& team) {
  if (!team.leads()) {
    NothingArchived nothing(false);
    solver.archive(nothing);
    return {};
  }
  SavedInMemory archive;
  solver.archive(archive);
  return archive.saved;
}

template <class T>
void restore(Solver<T>& solver, const Communicator& team, const std::string& bytes) {
  if (!team.leads()) {
    NothingArchived nothing(true);
    solver.archive(nothing);
    return;
  }
  RestoredFromMemory archive(bytes);
  solver.archive(archive);
}

}  // namespace admmbench::testing
