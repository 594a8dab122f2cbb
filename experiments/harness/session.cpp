#include "experiments/harness/session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

#include "core/io/csv.hpp"
#include "core/io/temporary.hpp"
#include "datasets/cache.hpp"
#include "datasets/registry.hpp"
#include "experiments/harness/config/presentation.hpp"
#include "experiments/harness/plan/tuning_progress.hpp"
#include "experiments/harness/run/checkpoint.hpp"
#include "experiments/harness/run/claim.hpp"

namespace admmbench {

namespace {

/// True if only a download could bring the set.
bool needs_network(const DataRequest& request) {
  return !request.name.empty() && availability(find_dataset(request.name)) == Availability::network;
}

bool is_done(const Session& session, const Run& run) { return !session.force && is_cached(run); }

/// Identity of a data set that is damaged: its runs fail when they begin, and leave that as their record.
constexpr const char* unusable = "unusable";

/// Identities of the data sets that the chosen runs have; the others need not be at hand. Throws DataError if all are damaged.
std::vector<std::string> identities_of(const Experiment& experiment, const SessionOptions& options,
                                       std::vector<MissingSet>& missing) {
  std::vector<std::string> identities(experiment.datasets.size());
  std::vector<bool> wanted(experiment.datasets.size(), false);
  for (const Run& run : select_runs(experiment, make_plan(experiment, options.out, identities), options.only))
    wanted[run.dataset] = true;
  std::exception_ptr damaged;
  bool usable = false;
  for (std::size_t d = 0; d < identities.size(); ++d) {
    if (!wanted[d]) continue;
    const DataRequest& request = experiment.datasets[d].request;
    try {
      identities[d] = dataset_identity(request);
      usable = true;
    } catch (const DataUnavailable& error) {
      if (options.missing == MissingData::fetch) throw;
      missing.push_back({request.label, error.brief()});
    } catch (const DataError&) {
      if (!damaged) damaged = std::current_exception();
      identities[d] = unusable;
    }
  }
  if (damaged && !usable) std::rethrow_exception(damaged);
  return identities;
}

/// Takes out the tuning runs that no chosen run waits for any more.
void drop_tuning(Session& session) {
  std::set<std::filesystem::path> needed;
  for (const Run& run : session.runs) needed.insert(run.result.parent_path());
  std::vector<Run>& runs = session.tuning.runs;
  for (std::size_t i = runs.size(); i-- > 0;) {
    if (needed.contains(runs[i].result.parent_path().parent_path())) continue;
    runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(i));
    session.tuning_cached.erase(session.tuning_cached.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

/// Chooses parameters from the tuning runs and gives the runs that need them theirs. `all`: every tuning run has been
/// executed; else the cells with runs still to come are left waiting.
void apply_tuning(Session& session, bool all) {
  session.choices.clear();
  if (all || !session.force) session.choices = choose_points(session.untuned, session.tuning, all);
  session.experiment = apply_choices(session.untuned, session.choices);
  std::set<std::filesystem::path> kept;
  for (const Run& run : session.runs) kept.insert(run.result);
  session.runs = make_plan(session.experiment, session.out, session.identities);
  std::erase_if(session.runs, [&](const Run& run) { return !kept.contains(run.result); });
}

void look_for_results(Session& session) {
  session.cached.clear();
  for (const Run& run : session.runs) session.cached.push_back(is_done(session, run));
}

/// Sets that still have to be downloaded come first: better to fail now than after hours.
void fetch_data(Session& session, MissingData missing, Downloads& downloads) {
  const auto& datasets = session.experiment.datasets;
  const auto waits = [&](const std::string& name) {
    return [&session, name](const Run& run) {
      return session.experiment.datasets[run.dataset].request.name == name && !is_done(session, run);
    };
  };
  std::vector<RegistryEntry> wanted;
  std::set<std::string> seen;
  for (const DatasetEntry& dataset : datasets) {
    const std::string& name = dataset.request.name;
    if (needs_network(dataset.request) &&
        std::any_of(session.runs.begin(), session.runs.end(), waits(name)) && seen.insert(name).second)
      wanted.push_back(find_dataset(name));
  }
  const std::vector<std::exception_ptr> errors = fetch_sets(wanted, downloads);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    try {
      if (errors[i]) std::rethrow_exception(errors[i]);
    } catch (const DataUnavailable& error) {
      if (missing == MissingData::fetch) throw;
      session.missing.push_back({wanted[i].name, error.brief()});
      std::erase_if(session.runs, waits(wanted[i].name));
      drop_tuning(session);
    }
  }
}

std::vector<Run> not_cached(const std::vector<Run>& runs, const std::vector<bool>& cached) {
  std::vector<Run> todo;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!cached[i]) todo.push_back(runs[i]);
  }
  return todo;
}

double iterations_of(const Experiment& experiment, const std::vector<Run>& runs) {
  double sum = 0;
  for (const Run& run : runs)
    sum += static_cast<double>(
        experiment.iterations_of(experiment.datasets[run.dataset], experiment.solvers[run.solver]));
  return sum;
}

/// The runs of the experiment itself that are still to come after those of its tuning, in such runs: by their iterations.
double runs_after_tuning(const Session& session, const std::vector<Run>& tuning) {
  const double of_tuning = iterations_of(session.tuning.experiment, tuning);
  if (of_tuning <= 0) return 0;
  return static_cast<double>(tuning.size()) *
         iterations_of(session.experiment, not_cached(session.runs, session.cached)) / of_tuning;
}

/// What is executed of a session: the runs of one stage.
struct StageRuns {
  RunObserver::Stage stage;
  const Experiment& experiment;
  std::vector<Run> todo;
  std::size_t cached = 0;
  double later = 0;  ///< see RunObserver::begin
};

StageRuns stage_runs(RunObserver::Stage stage, const Experiment& experiment, const std::vector<Run>& runs,
                     const std::vector<bool>& cached) {
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (cached[i]) spdlog::debug("cached: {}", runs[i].result.string());
  }
  std::vector<Run> todo = not_cached(runs, cached);
  const std::size_t there = runs.size() - todo.size();
  return {stage, experiment, std::move(todo), there};
}

ScheduleSummary execute(const StageRuns& runs, const ScheduleOptions& options, const Environment& environment,
                        RunObserver& observer) {
  observer.begin(runs.stage, runs.experiment, runs.todo.size(), runs.cached, runs.later);
  ScheduleSummary summary = execute_plan(runs.experiment, runs.todo, environment, options, observer);
  observer.end(runs.stage, summary);
  return summary;
}

/// The traces of the searches, beside the results.
void write_traces(const std::vector<TuningChoice>& choices) {
  for (const TuningChoice& choice : choices) {
    std::filesystem::create_directories(choice.trace_file.parent_path());
    const bool written =
        std::filesystem::exists(choice.trace_file) && read_text_file(choice.trace_file) == choice.trace;
    if (!written) write_text_file(choice.trace_file, choice.trace);
  }
}

/// Removes what killed processes left beside the results.
void tidy_up(const Session& session) {
  std::set<std::filesystem::path> results;
  for (const std::vector<Run>* runs : {&session.runs, &session.tuning.runs}) {
    for (const Run& run : *runs) results.insert(run.result);
  }
  clear_leftovers(results);
  const std::filesystem::path folder = session.out / session.experiment.name;
  for (const char* file : {"probe", "presentation.yaml"})
    remove_leftovers(folder / file, Leftovers::of_the_dead);
  for (std::size_t i = 0; i < session.runs.size(); ++i) {
    const std::filesystem::path checkpoint = checkpoint_file(session.runs[i].result);
    std::error_code ignored;
    if (session.cached[i] && checkpoint_hash(checkpoint) == session.runs[i].content_hash)
      std::filesystem::remove(checkpoint, ignored);  // killed between the result and this
  }
}

}  // namespace

std::size_t Session::pending() const {
  return static_cast<std::size_t>(std::count(cached.begin(), cached.end(), false) +
                                  std::count(tuning_cached.begin(), tuning_cached.end(), false));
}

Session open_session(Experiment experiment, const SessionOptions& options, Downloads& downloads) {
  Session session;
  session.out = options.out;
  session.force = options.force;
  session.identities = identities_of(experiment, options, session.missing);
  session.runs =
      select_runs(experiment, make_plan(experiment, options.out, session.identities), options.only);
  if (options.missing == MissingData::skip)
    std::erase_if(session.runs, [&](const Run& run) { return session.identities[run.dataset].empty(); });
  session.untuned = std::move(experiment);
  session.tuning = plan_tuning(session.untuned, session.runs, options.out, session.identities);
  for (const Run& run : session.tuning.runs) session.tuning_cached.push_back(is_done(session, run));
  apply_tuning(session, false);
  if (options.missing != MissingData::leave) fetch_data(session, options.missing, downloads);
  look_for_results(session);
  return session;
}

SessionSummary run_session(Session& session, const ScheduleOptions& asked, const Environment& environment,
                           RunObserver& observer) {
  ScheduleOptions options = asked;
  if (session.experiment.alone) options.jobs = 1;
  options.again = session.force;
  SessionSummary summary;
  if (session.pending() > 0) check_writable(session.out / session.experiment.name);
  tidy_up(session);
  if (!session.runs.empty()) write_presentation(session.untuned, session.out);
  if (!session.tuning.runs.empty()) {
    StageRuns stage = stage_runs(RunObserver::Stage::tuning, session.tuning.experiment, session.tuning.runs,
                                 session.tuning_cached);
    stage.later = runs_after_tuning(session, stage.todo);
    TuningProgress progress(session.untuned, session.tuning, stage.todo, observer);
    summary.tuning = execute(stage, options, environment, progress);
    if (summary.interrupted()) return summary;
    apply_tuning(session, true);
    look_for_results(session);
    write_traces(session.choices);
    progress.tell_rest(session.choices);
  }
  summary.cached = static_cast<std::size_t>(std::count(session.cached.begin(), session.cached.end(), true));
  summary.runs =
      execute(stage_runs(RunObserver::Stage::runs, session.experiment, session.runs, session.cached), options,
              environment, observer);
  return summary;
}

}  // namespace admmbench
