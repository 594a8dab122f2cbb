#include "experiments/harness/expected_memory.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <memory>

#include "datasets/convert.hpp"
#include "datasets/dataset.hpp"
#include "datasets/fetch.hpp"
#include "datasets/registry.hpp"

namespace admmbench {

namespace {

struct DataShape {
  double features = 0, outputs = 0, train = 0, validation = 0, test = 0;
};

double count_of(const std::shared_ptr<const Samples<float>>& samples) {
  return samples ? static_cast<double>(samples->size()) : 0;
}

/// By the registry where the set is as it says there, else by loading it.
DataShape shape_of(const DataRequest& request) {
  if (!request.name.empty()) {
    const RegistryEntry entry = find_dataset(request.name);
    const auto& known = entry.expected;
    const bool as_published = request.classes.empty() && !request.zoom;
    if (as_published && !entry.synthetic() && !entry.graph() && known.contains("train") &&
        known.contains("features") && known.contains("classes")) {
      const auto count = [&](const char* key) {
        return known.contains(key) ? static_cast<double>(known.at(key)) : 0;
      };
      double train = count("train");
      if (request.train) train = std::min(train, static_cast<double>(*request.train));
      return {count("features"), count("classes"), train, count("val"), count("test")};
    }
    if (availability(entry) == Availability::network && !std::filesystem::exists(converted_file(entry)))
      throw DataUnavailable(entry.name + " would have to be downloaded, which a forecast is no reason for");
  }
  const Dataset<float> data = load_dataset<float>(request);
  return {static_cast<double>(data.train->x.n_rows), static_cast<double>(data.train->targets.n_rows),
          count_of(data.train), count_of(data.validation), count_of(data.test)};
}

}  // namespace

std::vector<std::optional<RunShape>> expected_shapes(const Session& session) {
  const Experiment& experiment = session.experiment;
  std::vector<std::optional<std::optional<DataShape>>> shapes(experiment.datasets.size());
  std::vector<std::optional<RunShape>> expected;
  for (const Run& run : session.runs) {
    const DatasetEntry& entry = experiment.datasets[run.dataset];
    const SolverVariant& solver = experiment.solvers[run.solver];
    std::optional<std::optional<DataShape>>& shape = shapes[run.dataset];
    if (!shape) {
      shape.emplace();
      try {
        if (!session.identities[run.dataset].empty()) *shape = shape_of(entry.request);
      } catch (const std::exception&) {
        // Damaged: the run will say so.
      }
    }
    expected.emplace_back();
    if (!*shape || solver.search) continue;
    const DataShape& data = **shape;
    expected.back() = run_shape(experiment, entry, solver, data.features, data.outputs, data.train,
                                data.validation, data.test);
  }
  return expected;
}

std::vector<std::optional<double>> expected_memory(const Session& session) {
  const double base = resident_memory();
  const std::vector<std::optional<RunShape>> shapes = expected_shapes(session);
  std::vector<std::optional<double>> expected(shapes.size());
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (!shapes[i]) continue;
    const auto need = memory_need(session.experiment.solvers[session.runs[i].solver], *shapes[i]);
    if (need) expected[i] = base + need->total();
  }
  return expected;
}

}  // namespace admmbench
