#include "experiments/harness/config/stop_rules.hpp"

#include <fmt/format.h>

#include "experiments/harness/config/duration.hpp"

namespace admmbench {

namespace {

/// Without the zero in front of an exponent: 1e-9, as people write it.
std::string short_exponent(std::string number) {
  const auto exponent = number.find('e');
  if (exponent != std::string::npos && number[exponent + 2] == '0') number.erase(exponent + 2, 1);
  return number;
}

}  // namespace

void StopRules::visit(ParameterVisitor& v) {
  v.real("time_limit", time_limit, positive, "seconds of the method's own time");
  v.real("residual", residual, non_negative, "stop when the method's residual is at most this");
  v.integer("patience", patience, at_least_one,
            "stop after so many iterations without a better validation accuracy (training loss, without "
            "validation)");
  v.real("target_accuracy", target_accuracy, {0, 1, true, false},
         "stop when the validation accuracy (test, without validation; training, without both) reaches this");
  // It decides whether there is a result, not which.
  v.stored_if(false).text(
      "wall_limit", wall_limit,
      "a run that takes longer fails: seconds by the clock on the wall, or 90s, 15min, 2h", &duration_form);
}

std::optional<double> StopRules::wall_seconds() const { return read_duration(wall_limit); }

std::optional<std::string> StopMonitor::check(const Progress& progress) {
  if (progress.iteration == 0) {
    // A start by forward pass has residual 0 without having solved anything.
    if (progress.evaluated) check_patience(progress);
    return std::nullopt;
  }
  if (rules_.residual && progress.residual && *progress.residual <= *rules_.residual) {
    return fmt::format("residual {} <= {} after {} iterations",
                       short_exponent(fmt::format("{:.3g}", *progress.residual)),
                       short_exponent(fmt::format("{}", *rules_.residual)), progress.iteration);
  }
  if (progress.evaluated) {
    if (auto reason = check_target(progress)) return reason;
    if (auto reason = check_patience(progress)) return reason;
  }
  if (rules_.time_limit && progress.seconds >= *rules_.time_limit) {
    return fmt::format("time_limit: {:.3g} s of solver time >= {:g} s after {} iterations", progress.seconds,
                       *rules_.time_limit, progress.iteration);
  }
  return std::nullopt;
}

std::optional<std::string> StopMonitor::check_patience(const Progress& progress) {
  if (!rules_.patience) return std::nullopt;
  const bool by_accuracy = progress.evaluated->validation_accuracy.has_value();
  const double merit =
      by_accuracy ? *progress.evaluated->validation_accuracy : -progress.evaluated->train_loss;
  if (!best_ || merit > *best_) {
    best_ = merit;
    best_iteration_ = progress.iteration;
    return std::nullopt;
  }
  if (progress.iteration - best_iteration_ < *rules_.patience) return std::nullopt;
  return fmt::format("patience: no better {} than {:.6g} (iteration {}) for {} iterations",
                     by_accuracy ? "validation accuracy" : "training loss", by_accuracy ? *best_ : -*best_,
                     best_iteration_, progress.iteration - best_iteration_);
}

std::optional<std::string> StopMonitor::check_target(const Progress& progress) const {
  if (!rules_.target_accuracy) return std::nullopt;
  const Progress::Evaluated& at = *progress.evaluated;
  const char* split = at.validation_accuracy ? "validation" : at.test_accuracy ? "test" : "training";
  const std::optional<double> accuracy = at.validation_accuracy ? at.validation_accuracy
                                         : at.test_accuracy     ? at.test_accuracy
                                                                : at.train_accuracy;
  if (!accuracy || *accuracy < *rules_.target_accuracy) return std::nullopt;
  return fmt::format("target_accuracy: {} accuracy {:.4f} >= {:g} after {} iterations", split, *accuracy,
                     *rules_.target_accuracy, progress.iteration);
}

}  // namespace admmbench
