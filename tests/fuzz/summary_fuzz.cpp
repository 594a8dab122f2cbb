/// Summaries and tables as CSV.

#include <string>

#include "core/io/csv.hpp"
#include "results/comparison/compare.hpp"
#include "results/record/run_summary.hpp"
#include "tests/fuzz/input_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace admmbench;
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const auto rows = parse_csv(text, "fuzz");
    if (rows.empty()) return 0;
    if (is_summary_header(rows.front())) {
      read_summaries(text, "fuzz");
    } else {
      read_table_figures(text, "fuzz");
    }
  } catch (const std::runtime_error&) {
  }
  return 0;
}
