#pragma once
/// Runs made by hand for the tests of the report.

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "results/record/run_writer.hpp"

namespace admmbench::testing {

using Columns = std::map<std::string, std::function<double(double)>>;  ///< of the iteration

/// Gives `run` the configuration `text`, as if it had been read with it.
inline void configure(RunRecord& run, const std::string& text) {
  run.attributes.config = text;
  run.config = read_run_config(text);
}

/// A run with records at iterations 0, `every`, ..., up to `last`.
inline RunRecord made_run(const std::string& dataset, const std::string& label, std::int64_t seed,
                          const Columns& columns, std::int64_t last = 10, std::int64_t every = 1) {
  RunRecord run;
  RunAttributes& a = run.attributes;
  a.experiment = "made";
  a.dataset = dataset;
  a.solver = "adam";
  a.label = label;
  a.seed = seed;
  a.precision = "float64";
  a.content_hash = fmt::format("{} {} {}", dataset, label, seed);
  configure(run, fmt::format(
                     "experiment: made\ndataset: {{name: {0}, label: {0}}}\nseed: {1}\nsolver: {{name: adam, "
                     "params: {{rho: 1}}, label: \"{2}\"}}\n",
                     dataset, seed, label));
  run.path = fmt::format("{}/{}/seed-{}.h5", dataset, label, seed);
  for (std::int64_t k = 0; k <= last; k += every) {
    run.trajectory.iteration.push_back(k);
    for (const auto& [name, value] : columns) run.trajectory.append(name, value(static_cast<double>(k)));
  }
  return run;
}

inline void replace(std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at != std::string::npos) text.replace(at, from.size(), to);
}

inline void write(const RunRecord& run, const std::filesystem::path& path) {
  RunWriter writer(path);
  writer.write_trajectory(run.trajectory);
  writer.write_attributes(run.attributes);
  writer.commit();
}

}  // namespace admmbench::testing
