/// data.h5: what open() lets through must be safe to read. The library's own crashes stay in the child process that looks first.

#include "core/io/hdf5_file.hpp"
#include "datasets/data_file.hpp"
#include "datasets/dataset.hpp"
#include "tests/fuzz/input_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace admmbench;
  const auto path = fuzz::input_file(data, size, ".h5");
  try {
    const Hdf5File file = Hdf5File::open(path);
    if (is_graph_file(file)) {
      read_graph(file);
    } else {
      read_dataset<double>(file);
    }
    count_contents(file);
  } catch (const Hdf5Error&) {
  } catch (const DataError&) {
  }
  return 0;
}
