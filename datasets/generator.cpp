#include "datasets/generator.hpp"

#include <algorithm>
#include <stdexcept>

namespace admmbench {

namespace {

/// Filled by the RegisterDataset objects before main(), as the registry of solvers is.
std::vector<GeneratedDataset>& entries() {
  static std::vector<GeneratedDataset> list;
  return list;
}

}  // namespace

const std::vector<GeneratedDataset>& generated_datasets() { return entries(); }

const GeneratedDataset* find_generated_dataset(std::string_view name) {
  const auto& list = entries();
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const GeneratedDataset& entry) { return entry.name == name; });
  return found == list.end() ? nullptr : &*found;
}

void detail::add_generated_dataset(GeneratedDataset entry) {
  if (find_generated_dataset(entry.name) != nullptr)
    throw std::logic_error("two data sets are called " + entry.name);
  entries().push_back(std::move(entry));
}

}  // namespace admmbench
