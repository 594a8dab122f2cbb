#pragma once
/// What a person sees while an experiment runs: on a terminal one status line that is redrawn, elsewhere plain lines
/// at the start and end of every run and at most every ten seconds in between. Of tuning, a line for every method on every data set.

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "experiments/harness/expected_time.hpp"
#include "experiments/harness/run/observer.hpp"
#include "tools/admmbench/terminal.hpp"

namespace admmbench {

/// "12 s", "3 min 20 s", "2 h 5 min".
std::string duration_text(double seconds);
/// "3 min 20 s and 4 runs whose time is not known, by the committed runs".
std::string expected_text(const ExpectedTime& expected);

class ProgressDisplay final : public RunObserver {
 public:
  enum class Lines {
    every_run,
    few  ///< none when a run starts or ends: somebody else shows what came of it
  };

  ProgressDisplay(bool quiet, Terminal terminal, Lines lines = Lines::every_run)
      : quiet_(quiet), lines_(lines), terminal_(terminal) {}

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
  /// Redraws the status line, or prints the lines that are due.
  void tick() override;
  /// Removes the status line, so that other output starts on a clean line.
  void clear() override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Active {
    std::string name;
    long iteration = 0;
    long iterations = 0;
    Clock::time_point started;
    Clock::time_point printed;
  };
  std::string title(std::size_t number) const;
  void draw_status_line();
  /// Remaining time of this stage and the one after it, by the share of all iterations done so far; empty as long as nothing is known.
  std::string remaining() const;

  /// Whether the runs of this stage have lines of their own.
  bool names_runs() const { return !quiet_ && lines_ == Lines::every_run && stage_ == Stage::runs; }

  bool quiet_;
  Lines lines_;
  Terminal terminal_;
  const Experiment* experiment_ = nullptr;  ///< whose runs are made
  Stage stage_ = Stage::runs;
  std::size_t total_ = 0;
  double later_ = 0;  ///< see RunObserver::begin
  std::map<std::size_t, Active> active_;
  std::size_t finished_ = 0;
  Clock::time_point started_ = Clock::now();
  bool drawn_ = false;
};

}  // namespace admmbench
