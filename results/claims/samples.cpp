#include "results/claims/samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "results/record/columns.hpp"
#include "results/record/find_or_add.hpp"

namespace admmbench {

namespace {

/// Never to reach a target is a value, infinity; all else that is not finite is none.
std::optional<double> value_of(const RunRecord& run, const Measure& measure) {
  const auto value = run.last(measure.text);
  if (!value || std::isfinite(*value)) return value;
  return measure.function == "reach" && *value > 0 ? value : std::nullopt;
}

/// The column of accuracies whose entry the measure is; empty if it is none.
std::string entry_of(const Measure& measure) {
  const bool entry = measure.function.empty() || measure.function == "best" || measure.function == "at";
  return entry ? measure.column : "";
}

}  // namespace

bool label_matches(const std::string& label, const std::string& pattern) {
  if (!pattern.empty() && pattern.back() == '*')
    return label.starts_with(pattern.substr(0, pattern.size() - 1));
  return label == pattern;
}

std::vector<std::string> labels_of(const std::vector<RunRecord>& runs, const Check& check,
                                   const std::vector<std::string>& patterns) {
  std::vector<std::string> labels;
  for (const std::string& pattern : patterns) {
    const std::size_t before = labels.size();
    for (const RunRecord& run : runs) {
      const RunAttributes& a = run.attributes;
      if (a.experiment == check.experiment && label_matches(a.label, pattern)) find_or_add(labels, a.label);
    }
    if (labels.size() == before && pattern.back() != '*') find_or_add(labels, pattern);  // named, and missing
  }
  return labels;
}

std::vector<std::string> datasets_of(const std::vector<RunRecord>& runs, const Check& check,
                                     const std::vector<PlannedExperiment>& plan) {
  if (!check.datasets.empty()) return check.datasets;
  std::vector<std::string> datasets;
  for (const RunRecord& run : runs) {
    if (run.attributes.experiment == check.experiment) find_or_add(datasets, run.attributes.dataset);
  }
  for (const PlannedExperiment& experiment : plan) {
    if (experiment.name != check.experiment) continue;
    for (const std::string& dataset : experiment.datasets) find_or_add(datasets, dataset);
  }
  return datasets;
}

std::size_t planned_runs(const Check& check, const std::vector<PlannedExperiment>& plan) {
  for (const PlannedExperiment& experiment : plan) {
    if (experiment.name == check.experiment) return experiment.seeds;
  }
  return 0;
}

Sample sample(const std::vector<RunRecord>& runs, const Check& check, const std::string& dataset,
              const std::string& label) {
  Sample result;
  const std::string column = entry_of(check.measure);
  for (const RunRecord& run : runs) {
    const RunAttributes& a = run.attributes;
    if (a.experiment != check.experiment || a.dataset != dataset || a.label != label) continue;
    const auto value = run.finished() ? value_of(run, check.measure) : std::nullopt;
    const std::int64_t samples = samples_of(run, column);
    result.samples = result.seeds.empty() || result.samples == samples ? samples : 0;
    result.seeds[a.seed] = value;
    if (!run.finished()) {
      ++result.unfinished;
    } else if (!value) {
      ++result.without;
    }
  }
  return result;
}

std::string size_gap(const std::vector<RunRecord>& runs, const Check& check, const std::string& dataset,
                     const std::string& label) {
  if (!check.size) return "";
  const auto& list = check.size->iterations;
  const auto named = [&](const std::string& name) {
    return std::find_if(list.begin(), list.end(), [&](const auto& entry) { return entry.first == name; });
  };
  const auto wanted = named(label) != list.end() ? named(label) : named("others");
  for (const RunRecord& run : runs) {
    const RunAttributes& a = run.attributes;
    if (a.experiment != check.experiment || a.dataset != dataset || a.label != label || !run.finished())
      continue;
    // A run that a rule has stopped is as long as it was to be.
    if (wanted != list.end() && a.status == RunStatus::completed && run.iterations() != wanted->second)
      return fmt::format("{}: {} of {} iterations", label, run.iterations(), wanted->second);
    const std::int64_t samples = check.size->samples;
    if (samples > 0 && a.samples.train != samples) {
      return a.samples.train == 0
                 ? fmt::format("{}: the record does not say of how many training samples", label)
                 : fmt::format("{}: {} of {} training samples", label, a.samples.train, samples);
    }
  }
  return "";
}

std::string remark(const Sample& sample) {
  std::string text;
  if (sample.unfinished > 0) text += fmt::format("; {} not finished", sample.unfinished);
  if (sample.without > 0) text += fmt::format("; {} without a value", sample.without);
  return text;
}

std::vector<double> values_of(const SeedValues& seeds) {
  std::vector<double> values;
  for (const auto& entry : seeds) {
    if (entry.second) values.push_back(*entry.second);
  }
  return values;
}

std::string unit_name(const std::string& dataset, const std::string& method, std::size_t datasets,
                      std::size_t methods) {
  if (methods <= 1) return dataset;
  return datasets <= 1 ? method : fmt::format("{} / {}", dataset, method);
}

}  // namespace admmbench
