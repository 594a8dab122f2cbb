#pragma once
/// What the test cases have of MPI. Every process runs the same cases in the same order.

#include <cstdint>

#include "core/parallel/communicator.hpp"

namespace admmbench::testing {

/// All processes that mpirun started.
Communicator& world();

/// Bytes that this process has handed to MPI_Isend, as the MPI library's profiling interface saw them.
std::uint64_t isend_bytes();

}  // namespace admmbench::testing
