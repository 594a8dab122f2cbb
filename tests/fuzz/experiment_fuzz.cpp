/// Experiment files: read, checked, and with one value set from outside.

#include "datasets/dataset.hpp"
#include "experiments/harness/config/lint.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/config/yaml_tree.hpp"
#include "tests/fuzz/input_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace admmbench;
  const auto path = fuzz::input_file(data, size, ".yaml");
  try {
    const Experiment experiment = load_experiment(path);
    for (const std::string& profile : experiment.available_profiles)
      load_experiment(path, profile, {"seeds=[3]"});
  } catch (const ConfigError&) {
  } catch (const DataError&) {
  } catch (const DataUnavailable&) {
  }
  return 0;
}
