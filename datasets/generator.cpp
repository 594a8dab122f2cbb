#include "datasets/generator.hpp"

#include "core/registry.hpp"

namespace admmbench {

namespace {

Registry<GeneratedDataset>& registry() {
  static Registry<GeneratedDataset> datasets("data sets");
  return datasets;
}

}  // namespace

const std::vector<GeneratedDataset>& generated_datasets() { return registry().entries(); }

const GeneratedDataset* find_generated_dataset(std::string_view name) { return registry().find(name); }

void detail::add_generated_dataset(GeneratedDataset entry) { add_or_end(registry(), std::move(entry)); }

}  // namespace admmbench
