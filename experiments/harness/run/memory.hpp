#pragma once
/// What a run needs of the memory: on paper before it begins, and as it was.

#include <optional>
#include <string_view>

#include "core/compute/cost.hpp"
#include "experiments/harness/config/experiment.hpp"

namespace admmbench {

/// The shapes of a run: the network and the samples that the method trains on (`cost`), and what else is held.
struct RunShape {
  CostShape cost;
  double validation = 0;  ///< samples
  double test = 0;
  double loaded =
      0;  ///< training samples of the data set, from which the validation samples were drawn; 0: none were
  bool labels = true;
  bool streamed = false;  ///< the training inputs are not in memory
};

/// Of data with so many training samples before `validation:` takes its share.
RunShape run_shape(const Experiment& experiment, const DatasetEntry& entry, const SolverVariant& solver,
                   double features, double outputs, double train, double validation, double test);

/// Largest resident memory of the process that makes the run, in bytes, on top of what a process has that does nothing, after
/// give_back_large_blocks(); within a tenth (tests/end_to_end/memory_test.py; docs/reference/experiments.md says where not).
/// Empty: the method has no cost function.
struct MemoryNeed {
  double data = 0;  ///< shared by the runs of the data set
  double own = 0;

  double total() const { return data + own; }
};
std::optional<MemoryNeed> memory_need(const SolverVariant& solver, const RunShape& run);

/// What OpenBLAS's kernels for `core` (openblas_get_corename) keep of the matrices that they multiply, bytes: those for AVX-512
/// pack 256 rows of all `columns` in double precision, up to 128 MB; others a few hundred kB, which is not counted.
double packing_memory(std::string_view core, double entry_bytes, double columns);

/// From now on, memory of freed matrices goes back to the system at once. glibc would keep blocks of up to 32 MB once it has
/// seen one freed: a fifth more than what is in use, and other amounts from run to run.
void give_back_large_blocks();

double resident_memory();       ///< of this process now, in bytes
double peak_resident_memory();  ///< the largest so far
/// What the system, or the limit of this container, could still give, in bytes; empty if it does not say.
std::optional<double> available_memory();

/// "512 MB", "3.2 GB".
std::string memory_text(double bytes);

}  // namespace admmbench
