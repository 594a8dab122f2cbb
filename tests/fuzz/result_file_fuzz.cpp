/// Result files: what read_run() lets through has only values that a run can have.

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "results/record/run_file.hpp"
#include "results/record/run_summary.hpp"
#include "tests/fuzz/input_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace admmbench;
  const auto path = fuzz::input_file(data, size, ".h5");
  try {
    const RunRecord run = read_run(path);
    if (const auto accuracy = run.last("test_accuracy"); accuracy && (*accuracy < 0 || *accuracy > 1))
      std::abort();
    if (run.attributes.experiment.find("..") == 0) std::abort();
    summarize_run(run);
  } catch (const std::runtime_error&) {
  }
  return 0;
}
