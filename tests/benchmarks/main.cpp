/// admmbench_benchmarks [--threads=N] [--scaling] [flags of Google Benchmark]

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/compute/blas_kernels.hpp"
#include "core/compute/parallel_pass.hpp"
#include "experiments/harness/run/environment.hpp"
#include "tests/benchmarks/benchmarks.hpp"

int main(int argc, char** argv) {
  using namespace admmbench;
  use_better_kernels(argv);
  long threads = available_cores();
  if (const char* asked = std::getenv("OPENBLAS_NUM_THREADS")) threads = std::strtol(asked, nullptr, 10);
  bool scaling = false;
  int kept = 0;
  for (int i = 0; i < argc; ++i) {
    if (std::strncmp(argv[i], "--threads=", 10) == 0) {
      threads = std::strtol(argv[i] + 10, nullptr, 10);
    } else if (std::strcmp(argv[i], "--scaling") == 0) {
      scaling = true;
    } else {
      argv[kept++] = argv[i];
    }
  }
  if (threads < 1) {
    std::fputs("admmbench_benchmarks: --threads (or OPENBLAS_NUM_THREADS) must be a positive number\n",
               stderr);
    return 2;
  }
  const ComputeThreads compute(static_cast<std::size_t>(threads));

  const Environment environment = probe_environment();
  if (!environment.slow_blas.empty()) {
    std::fprintf(stderr, "admmbench_benchmarks: warning: %s; until then figures mean nothing\n",
                 environment.slow_blas.c_str());
  }
  benchmark::AddCustomContext("cpu", environment.cpu);
  benchmark::AddCustomContext("blas", environment.blas);
  benchmark::AddCustomContext("vectors", environment.vectors);
  benchmark::AddCustomContext("threads", std::to_string(threads));
  benchmark::AddCustomContext("git_commit", environment.git_commit);

  if (scaling) {
    bench::register_scaling();
  } else {
    bench::register_iterations();
    bench::register_blocks();
    bench::register_files();
  }
  benchmark::Initialize(&kept, argv);
  if (benchmark::ReportUnrecognizedArguments(kept, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
