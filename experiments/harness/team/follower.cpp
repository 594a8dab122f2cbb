#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <string>
#include <thread>
#include <utility>

#include "core/compute/counters.hpp"
#include "core/compute/parallel_pass.hpp"
#include "datasets/dataset.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/run/interrupt.hpp"
#include "experiments/harness/run/run_problem.hpp"
#include "experiments/harness/team/led_solver.hpp"
#include "experiments/harness/team/shared_work.hpp"
#include "results/record/run_config.hpp"

namespace admmbench {

namespace {

/// What the leader has to write down before a process that cannot go on ends the job.
constexpr auto time_to_record = std::chrono::seconds(5);

template <class T>
class Blind final : public StateVisitor<T> {
 public:
  void matrix(std::string_view /*name*/, const arma::Mat<T>& /*value*/) override {}
  void vector(std::string_view /*name*/, const arma::Col<T>& /*value*/) override {}
};

/// The leader has the archive; here nothing is kept, and what is read is nothing.
class EmptyArchive final : public StateArchive {
 public:
  explicit EmptyArchive(bool restores) : restores_(restores) {}
  bool restores() const override { return restores_; }

 protected:
  void bytes(void* /*data*/, std::size_t /*size*/) override {}

 private:
  bool restores_;
};

/// This process's share of the data of the run before: most runs have the same.
template <class T>
class KeptShare {
 public:
  /// What `run` of `experiment` trains here, of the processes that share its samples.
  Problem<T> problem(const Experiment& experiment, const Run& run, const Communicator& samples) {
    const DatasetEntry& entry = experiment.datasets[run.dataset];
    const DataRequest request = for_seed(entry.request, run.seed);
    std::string wanted =
        fmt::format("{}{} {} {} of {}", to_yaml(entry.written), request.published.number.value_or(0),
                    request.validation > 0 ? run.seed : 0, samples.rank(), samples.size());
    if (wanted != kept_) {
      share_ = {};
      kept_.clear();
      share_ = split_of(experiment, run, load_dataset<T>(request));
      total_ = share_.train->size();
      share_.train = own_columns(share_.train, samples.rank(), samples.size());
      kept_ = std::move(wanted);
    }
    Problem<T> problem = problem_on(experiment, run, share_);
    if (samples.size() > 1) {
      problem.samples_of_all = total_;
    } else {
      problem.gram = input_gram(problem);
    }
    return problem;
  }

 private:
  Dataset<T> share_;
  arma::uword total_ = 0;  ///< training samples of all processes
  std::string kept_;       ///< what `share_` is of
};

template <class T>
class FollowedRun {
 public:
  FollowedRun(Team& team, const TeamRun& run, const Experiment& experiment, KeptShare<T>& data)
      : team_(team), run_(team.form(run)) {
    std::exception_ptr threw;
    try {
      Run only;
      only.seed = experiment.seeds.front();
      problem_ = data.problem(experiment, only, *run_.samples);
      method_ = experiment.solvers.front().configured->template make<T>();
    } catch (...) {
      threw = std::current_exception();
    }
    team_.agree(threw);
  }

  /// Until the end of the run.
  void obey() {
    for (Order order = team_.take(); order != Order::end_run; order = team_.take()) obey(order);
  }

 private:
  void obey(Order order) {
    if (order == Order::initialize) return initialize();
    try {
      make_call(order);
    } catch (const std::exception& error) {
      std::this_thread::sleep_for(time_to_record);
      team_.abort(error.what());
    }
  }

  void make_call(Order order) {
    Blind<T> visitor;
    EmptyArchive saved(false);
    EmptyArchive restored(true);
    std::vector<std::pair<std::string, double>> ignored;
    switch (order) {
      case Order::step: {
        const Counting counting(counters_);
        steps_.step(*method_, run_);
        break;
      }
      case Order::network:
        method_->network();
        break;
      case Order::diagnostics:
        method_->diagnostics();
        steps_.report(team_.all(), ignored);
        break;
      case Order::visit_state:
        show_together(*method_, run_, problem_, visitor);
        break;
      case Order::save:
        archive_together(*method_, run_, problem_, saved);
        break;
      case Order::restore:
        archive_together(*method_, run_, problem_, restored);
        break;
      case Order::work:
        collect_work(team_.all(), counters_);
        break;
      default:
        throw std::logic_error("an order that belongs to no run");
    }
  }

  void initialize() {
    std::uint64_t seed = 0;
    team_.share(seed);
    std::uint64_t layers = 0;
    team_.share(layers);
    Network<T> initial;
    for (arma::uword l = 1; l <= layers;
         ++l) {  // as in wrong_shape(): a net in stages has fewer than the problem
      const arma::uword outputs = l == layers ? problem_.widths.back() : problem_.widths[l];
      initial.W.emplace_back(outputs, problem_.widths[l - 1]);
      initial.b.emplace_back(outputs);
      team_.all().broadcast(bytes_of(initial.W.back().memptr(), initial.W.back().n_elem), 0);
      team_.all().broadcast(bytes_of(initial.b.back().memptr(), initial.b.back().n_elem), 0);
    }
    std::exception_ptr threw;
    try {
      method_->share(run_);
      method_->initialize(problem_, std::move(initial), seed);
    } catch (...) {
      threw = std::current_exception();
    }
    try {
      team_.agree(threw);
    } catch (const std::exception&) {  // the leader records it, and ends the run
    }
  }

  Team& team_;
  const ParallelRun& run_;
  Problem<T> problem_;
  std::unique_ptr<Solver<T>> method_;
  Counters counters_;
  TimedSteps<T> steps_;
};

}  // namespace

void follow(Team& team) {
  catch_interrupts();  // the leader decides when the run ends, and saves it
  KeptShare<float> single;
  KeptShare<double> twofold;
  while (team.take() == Order::begin_run) {
    TeamRun run;
    team.share(run);
    // What is wrong here is wrong in the leader too, which has read the same.
    const Experiment experiment =
        load_experiment_text(experiment_of(run.config), "the leader's run", run.folder);
    const ComputeThreads threads(run.threads);
    try {
      if (experiment.precision == "float32") {
        FollowedRun<float>(team, run, experiment, single).obey();
      } else {
        FollowedRun<double>(team, run, experiment, twofold).obey();
      }
    } catch (const std::exception&) {  // somebody could not begin: all have heard of it
    }
  }
}

}  // namespace admmbench
