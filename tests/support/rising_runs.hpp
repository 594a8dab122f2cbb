#pragma once
/// Runs whose test accuracy rises linearly over ten iterations: for the ranking and the figures, as a library and as commands.

#include <string>
#include <vector>

#include "tests/support/report_runs.hpp"

namespace admmbench::testing {

inline const std::vector<std::string> ranked_sets{"a", "b", "c"};

/// An iteration takes half a second and 100 operations; the loss falls as the accuracy rises to `last`.
inline RunRecord rising_run(const std::string& dataset, const std::string& label, std::int64_t seed,
                            double last) {
  return made_run(dataset, label, seed,
                  {{"test_accuracy", [=](double k) { return last * k / 10; }},
                   {"train_loss", [=](double k) { return 1 - last * k / 10; }},
                   {"seconds", [](double k) { return 0.5 * k; }},
                   {"flops", [](double k) { return 100 * k; }}});
}

/// Accuracy up to `last` and seconds, but no operations.
inline Columns rising(double last) {
  return {{"test_accuracy", [=](double k) { return last * k / 10; }},
          {"seconds", [](double k) { return k; }}};
}

/// What is drawn: two data sets, of which only one has both methods; one of them with two seeds and a quote in its name.
inline std::vector<RunRecord> two_methods() {
  return {made_run("a", "it's_best", 0, rising(0.9)), made_run("a", "it's_best", 1, rising(0.7)),
          made_run("a", "other", 0, rising(0.5)), made_run("b", "other", 0, rising(0.4))};
}

}  // namespace admmbench::testing
