#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// `admmbench bench [ARGUMENTS...]`: the timings of kernels and iterations, by the benchmark program.
void add_bench_command(CLI::App& app);

}  // namespace admmbench
