#pragma once
/// How far the recorded iterates of a run are from where it ended, or from a known solution.

#include <filesystem>

#include "results/record/trajectory.hpp"

namespace admmbench {

/// At each iteration k recorded under /iterates (record.iterates), relative Frobenius norms over all variables together:
///   weights_to_last      ||(W, b)_k - (W, b)_final|| / ||(W, b)_final||
///   variables_to_last    the same of every variable (z, a, u, ...), to the last recorded iterate
///   weights_to_solution  ||(W, b)_k - (W, b)*|| / ||(W, b)*||, if `solution` (W1, b1, ... at its root, under /final or
///                        /initial) is given and has the same shapes
/// Empty if nothing was recorded. Throws Hdf5Error.
Trajectory iterate_distances(const std::filesystem::path& run, const std::filesystem::path& solution = {});

}  // namespace admmbench
