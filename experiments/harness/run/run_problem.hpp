#pragma once
/// What a run trains: its network on its share of the data.

#include "core/problem/problem.hpp"
#include "datasets/dataset.hpp"
#include "experiments/harness/config/experiment.hpp"
#include "experiments/harness/plan/plan.hpp"

namespace admmbench {

/// `data` (the loaded data set number run.dataset) with the validation samples that `validation:` and the run's seed draw.
template <class T>
Dataset<T> split_of(const Experiment& experiment, const Run& run, const Dataset<T>& data);

/// `run` on data that are split, without Gram matrices.
template <class T>
Problem<T> problem_on(const Experiment& experiment, const Run& run, const Dataset<T>& split);

/// `run` on `data`.
template <class T>
Problem<T> problem_of(const Experiment& experiment, const Run& run, const Dataset<T>& data);

}  // namespace admmbench
