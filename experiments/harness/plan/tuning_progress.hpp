#pragma once
/// Tells an observer what tuning chose for a cell as soon as the last of the cell's runs has ended.

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "experiments/harness/plan/tuning.hpp"
#include "experiments/harness/run/observer.hpp"

namespace admmbench {

/// Passes everything on to `observer`, and RunObserver::tuned() between two runs. `untuned`, `tuning` and `observer` outlive it.
class TuningProgress final : public RunObserver {
 public:
  /// `todo`: the runs of `tuning` that are about to be made.
  TuningProgress(const Experiment& untuned, const Tuning& tuning, const std::vector<Run>& todo,
                 RunObserver& observer);

  /// The choices of `choices` that have not been told yet, e.g. of cells whose runs were all there.
  void tell_rest(const std::vector<TuningChoice>& choices);

  void begin(Stage stage, const Experiment& experiment, std::size_t todo, std::size_t cached,
             double later) override {
    observer_.begin(stage, experiment, todo, cached, later);
  }
  void end(Stage stage, const ScheduleSummary& summary) override { observer_.end(stage, summary); }
  void start(std::size_t number, const Run& run) override;
  void update(std::size_t number, long iteration) override { observer_.update(number, iteration); }
  void finish(std::size_t number, const RunOutcome& outcome) override;
  void warn(std::size_t number, const std::string& text) override { observer_.warn(number, text); }
  void waiting(std::size_t runs) override { observer_.waiting(runs); }
  void interrupted(std::size_t active) override { observer_.interrupted(active); }
  void tick() override { observer_.tick(); }
  void clear() override { observer_.clear(); }

 private:
  using Cell = std::pair<std::size_t, std::size_t>;  ///< data set, solver of the untuned experiment

  Cell cell_of(const Run& run) const { return {run.dataset, tuning_.points[run.solver].solver}; }
  void tell(const TuningChoice& choice);

  const Experiment& untuned_;
  const Tuning& tuning_;
  RunObserver& observer_;
  std::map<Cell, std::size_t> left_;     ///< runs still to end
  std::map<std::size_t, Cell> running_;  ///< by the number of the run
  std::set<Cell> told_;
};

}  // namespace admmbench
