#include "experiments/harness/run/run_problem.hpp"

namespace admmbench {

template <class T>
Dataset<T> split_of(const Experiment& experiment, const Run& run, const Dataset<T>& data) {
  const double share = experiment.datasets[run.dataset].request.validation;
  return share > 0 ? split_validation(data, share, static_cast<std::uint64_t>(run.seed)) : data;
}

template <class T>
Problem<T> problem_on(const Experiment& experiment, const Run& run, const Dataset<T>& split) {
  const DatasetEntry& entry = experiment.datasets[run.dataset];
  const NetworkShape& network = experiment.network_on(entry);
  Problem<T> problem;
  problem.train = split.train;
  problem.validation = split.validation;
  problem.test = split.test;
  problem.widths.push_back(split.train->x.n_rows);
  for (const long width : network.hidden) problem.widths.push_back(static_cast<arma::uword>(width));
  problem.widths.push_back(split.train->targets.n_rows);
  problem.activation = network.activation;
  problem.loss = network.loss;
  problem.iterations = experiment.iterations_of(entry, experiment.solvers[run.solver]);
  return problem;
}

template <class T>
Problem<T> problem_of(const Experiment& experiment, const Run& run, const Dataset<T>& data) {
  Problem<T> problem = problem_on(experiment, run, split_of(experiment, run, data));
  problem.gram = input_gram(problem);
  return problem;
}

template Dataset<float> split_of(const Experiment&, const Run&, const Dataset<float>&);
template Dataset<double> split_of(const Experiment&, const Run&, const Dataset<double>&);
template Problem<float> problem_on(const Experiment&, const Run&, const Dataset<float>&);
template Problem<double> problem_on(const Experiment&, const Run&, const Dataset<double>&);
template Problem<float> problem_of(const Experiment&, const Run&, const Dataset<float>&);
template Problem<double> problem_of(const Experiment&, const Run&, const Dataset<double>&);

}  // namespace admmbench
