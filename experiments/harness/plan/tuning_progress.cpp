#include "experiments/harness/plan/tuning_progress.hpp"

#include <algorithm>

namespace admmbench {

TuningProgress::TuningProgress(const Experiment& untuned, const Tuning& tuning, const std::vector<Run>& todo,
                               RunObserver& observer)
    : untuned_(untuned), tuning_(tuning), observer_(observer) {
  for (const Run& run : todo) ++left_[cell_of(run)];
}

void TuningProgress::start(std::size_t number, const Run& run) {
  running_[number] = cell_of(run);
  observer_.start(number, run);
}

void TuningProgress::finish(std::size_t number, const RunOutcome& outcome) {
  observer_.finish(number, outcome);
  const auto ended = running_.find(number);
  if (ended == running_.end()) return;
  const Cell cell = ended->second;
  running_.erase(ended);
  if (--left_[cell] > 0 || outcome.status == RunStatus::interrupted) return;
  Tuning alone{tuning_.experiment, tuning_.points, {}};
  std::copy_if(tuning_.runs.begin(), tuning_.runs.end(), std::back_inserter(alone.runs),
               [&](const Run& run) { return cell_of(run) == cell; });
  for (const TuningChoice& choice : choose_points(untuned_, alone, true)) tell(choice);
}

void TuningProgress::tell_rest(const std::vector<TuningChoice>& choices) {
  for (const TuningChoice& choice : choices) {
    if (!told_.contains({choice.dataset, choice.solver})) tell(choice);
  }
}

void TuningProgress::tell(const TuningChoice& choice) {
  told_.insert({choice.dataset, choice.solver});
  observer_.tuned(untuned_, choice);
}

}  // namespace admmbench
