#include "experiments/harness/expected_time.hpp"

#include <optional>
#include <string>

namespace admmbench {

namespace {

/// Per iteration; empty: no run of the kind has a time.
std::optional<double> committed_seconds(const std::vector<RunRecord>& committed, const Experiment& experiment,
                                        const Run& run, const std::string& label) {
  std::optional<double> other;
  for (const RunRecord& made : committed) {
    const RunAttributes& a = made.attributes;
    if (a.experiment != experiment.name || made.config.profile != experiment.profile || a.label != label ||
        a.dataset != experiment.datasets[run.dataset].request.label) {
      continue;
    }
    const auto seconds = made.last("seconds");
    if (!seconds || made.iterations() <= 0) continue;
    other = *seconds / static_cast<double>(made.iterations());
    if (a.seed == run.seed) break;
  }
  return other;
}

/// A run of so many iterations, by those of solver entry `entry` of `experiment`.
void expect(ExpectedTime& expected, const Experiment& experiment, const Run& run, const SolverVariant& entry,
            long iterations, const std::vector<RunRecord>& committed) {
  const auto seconds = committed_seconds(committed, experiment, run, entry.label);
  if (!seconds) ++expected.unknown;
  expected.seconds += seconds.value_or(0) * static_cast<double>(iterations);
}

}  // namespace

ExpectedTime& ExpectedTime::operator+=(const ExpectedTime& other) {
  seconds += other.seconds;
  unknown += other.unknown;
  return *this;
}

ExpectedTime expected_time(const Session& session, const std::vector<RunRecord>& committed, long jobs) {
  ExpectedTime expected;
  const auto iterations_of = [](const Experiment& experiment, const Run& run) {
    return experiment.iterations_of(experiment.datasets[run.dataset], experiment.solvers[run.solver]);
  };
  for (std::size_t i = 0; i < session.runs.size(); ++i) {
    const Run& run = session.runs[i];
    const Experiment& experiment = session.experiment;
    if (!session.cached[i])
      expect(expected, experiment, run, experiment.solvers[run.solver], iterations_of(experiment, run),
             committed);
  }
  const Tuning& tuning = session.tuning;
  for (std::size_t i = 0; i < tuning.runs.size(); ++i) {
    if (session.tuning_cached[i]) continue;
    const Run& run = tuning.runs[i];
    // The solvers of a tuning run's experiment are the points of one that is tuned.
    const SolverVariant& entry = session.untuned.solvers[tuning.points[run.solver].solver];
    expect(expected, session.untuned, run, entry, iterations_of(tuning.experiment, run), committed);
  }
  expected.seconds /= static_cast<double>(session.experiment.alone ? 1 : jobs);
  return expected;
}

std::vector<std::optional<double>> expected_seconds(
    const Session& session, const std::vector<RunRecord>& committed,
    const std::function<std::optional<double>(std::size_t run)>& seconds_per_iteration) {
  std::vector<std::optional<double>> expected;
  const Experiment& experiment = session.experiment;
  for (std::size_t i = 0; i < session.runs.size(); ++i) {
    const Run& run = session.runs[i];
    const SolverVariant& solver = experiment.solvers[run.solver];
    auto seconds = committed_seconds(committed, experiment, run, solver.label);
    if (!seconds) seconds = seconds_per_iteration(i);
    expected.emplace_back();
    if (!seconds) continue;
    auto iterations = static_cast<double>(experiment.iterations_of(experiment.datasets[run.dataset], solver));
    for (std::size_t t = 0; t < session.tuning.runs.size(); ++t) {
      const Run& trial = session.tuning.runs[t];
      if (session.tuning_cached[t] || trial.result.parent_path().parent_path() != run.result.parent_path())
        continue;
      const Experiment& tuned = session.tuning.experiment;
      iterations += static_cast<double>(
          tuned.iterations_of(tuned.datasets[trial.dataset], tuned.solvers[trial.solver]));
    }
    expected.back() = *seconds * iterations;
  }
  return expected;
}

}  // namespace admmbench
