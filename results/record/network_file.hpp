#pragma once
/// Networks in HDF5 files: initial points that the user gives, and those in result files.

#include <filesystem>
#include <vector>

#include "core/problem/network.hpp"

namespace admmbench {

/// W1, b1, ... at the root of `path`, or under /initial or /final of a result file (in that order of
/// preference). Throws std::runtime_error naming file, array and shapes if they do not fit `widths`.
template <class T>
Network<T> read_network(const std::filesystem::path& path, const std::vector<arma::uword>& widths);

}  // namespace admmbench
