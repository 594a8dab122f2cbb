#pragma once
/// `run --watch`: a table of means and curves that grows while the runs are made. On a terminal it is drawn again above the status
/// line, elsewhere printed at most every ten seconds, and at the end.

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

#include "experiments/harness/session.hpp"
#include "results/comparison/live_table.hpp"
#include "tools/admmbench/progress_display.hpp"

namespace admmbench {

class WatchDisplay final : public RunObserver {
 public:
  /// Runs of `session` that have results are in the table from the beginning. The session outlives the display.
  WatchDisplay(const Session& session, Terminal terminal);

  void begin(Stage stage, const Experiment& experiment, std::size_t todo, std::size_t cached,
             double later) override;
  void end(Stage stage, const ScheduleSummary& summary) override;
  void tuned(const Experiment& untuned, const TuningChoice& choice) override;
  void start(std::size_t number, const Run& run) override;
  void update(std::size_t number, long iteration) override;
  void finish(std::size_t number, const RunOutcome& outcome) override;
  void warn(std::size_t number, const std::string& text) override;
  void waiting(std::size_t runs) override;
  void interrupted(std::size_t active) override;
  void tick() override;
  void clear() override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Active {
    std::string method, dataset;
    std::filesystem::path result;
  };
  /// The table from the results that are there, all runs planned.
  void fill(const Experiment& experiment);
  void add(const std::string& method, const std::string& dataset, const std::filesystem::path& result);
  void draw();

  const Session& session_;
  Terminal terminal_;
  ProgressDisplay lines_;
  LiveTable table_;
  Stage stage_ = Stage::runs;
  const Experiment* experiment_ = nullptr;
  std::map<std::size_t, Active> active_;
  std::size_t height_ = 0;  ///< lines of the table on the terminal
  bool changed_ = true;     ///< since it was printed
  Clock::time_point printed_ = Clock::now();
};

}  // namespace admmbench
