#include "experiments/harness/team/led_solver.hpp"

#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <set>
#include <type_traits>
#include <utility>

#include "core/compute/counters.hpp"
#include "experiments/harness/team/shared_work.hpp"

namespace admmbench {

namespace {

/// Where the experiment was read from: files that it names are relative to it.
std::string folder_of(const Experiment& experiment) {
  namespace fs = std::filesystem;
  const fs::path file = experiment.source ? experiment.source->origin.source : std::string();
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  return fs::absolute(folder).lexically_normal().string();
}

template <class T>
class LedSolver final : public Solver<T> {
 public:
  LedSolver(Team& team, TeamRun run, std::unique_ptr<Solver<T>> method)
      : team_(team), method_(std::move(method)) {
    team_.give(Order::begin_run);
    team_.share(run);
    run_ = &team_.form(run);
    // Whether the others have the data; they load them by themselves.
    team_.agree(nullptr);
  }
  ~LedSolver() override {
    if (team_.broken().empty()) team_.give(Order::end_run);
  }
  LedSolver(const LedSolver&) = delete;
  LedSolver& operator=(const LedSolver&) = delete;

  Network<T> initial_network(const Problem<T>& given, std::uint64_t seed) const override {
    return method_->initial_network(given, seed);
  }
  bool network_at_hand() const override { return method_->network_at_hand(); }
  bool counts_operations() const override { return method_->counts_operations(); }

  void step() override {
    gathered_ = nullptr;
    in_the_middle([&] {
      team_.give(Order::step);
      steps_.step(*method_, *run_);
    });
  }

  const Network<T>& network() const override {
    if (gathered_ == nullptr) {
      in_the_middle([&] {
        team_.give(Order::network);
        gathered_ = &method_->network();
      });
    }
    return *gathered_;
  }

  void outputs(const Problem<T>& given, const Samples<T>& split, ForwardWorkspace<T>& workspace,
               arma::Mat<T>& out) const override {
    network();
    method_->outputs(given, split, workspace, out);
  }
  std::vector<double> weight_changes(const Network<T>& initial) const override {
    network();
    return method_->weight_changes(initial);
  }

  Diagnostics diagnostics() const override {
    Diagnostics result;
    in_the_middle([&] {
      team_.give(Order::diagnostics);
      result = method_->diagnostics();
      steps_.report(team_.all(), result.named);
    });
    return result;
  }

  void visit_state(StateVisitor<T>& visitor) const override {
    in_the_middle([&] {
      team_.give(Order::visit_state);
      show_together(*method_, *run_, own_, visitor);
    });
  }

  void archive(StateArchive& archive) override {
    gathered_ = nullptr;
    in_the_middle([&] {
      team_.give(archive.restores() ? Order::restore : Order::save);
      archive_together(*method_, *run_, own_, archive);
    });
  }

  Counters take_work_elsewhere() override {
    team_.give(Order::work);
    Counters none;
    return collect_work(team_.all(), none);
  }

 protected:
  void start(Network<T> initial, std::uint64_t seed) override {
    team_.give(Order::initialize);
    team_.share(seed);
    std::uint64_t layers = initial.layers();
    team_.share(layers);
    for (arma::uword l = 0; l < initial.layers(); ++l) {
      team_.all().broadcast(bytes_of(initial.W[l].memptr(), initial.W[l].n_elem), 0);
      team_.all().broadcast(bytes_of(initial.b[l].memptr(), initial.b[l].n_elem), 0);
    }
    std::exception_ptr threw;
    try {
      own_ = this->problem();
      if (const int shards = run_->samples->size(); shards > 1) {
        own_.samples_of_all = own_.samples();
        own_.train = own_columns(own_.train, run_->samples->rank(), shards);
        own_.gram = nullptr;
      }
      method_->share(*run_);
      method_->initialize(own_, std::move(initial), seed);
    } catch (...) {
      threw = std::current_exception();
    }
    team_.agree(threw);
  }

 private:
  /// What throws between messages leaves the others waiting for them.
  template <class Work>
  void in_the_middle(const Work& work) const {
    try {
      work();
    } catch (const std::exception& error) {
      team_.give_up(error.what());
      throw;
    }
  }

  Team& team_;
  const ParallelRun* run_ = nullptr;
  std::unique_ptr<Solver<T>> method_;
  Problem<T> own_;
  TimedSteps<T> steps_;
  mutable const Network<T>* gathered_ = nullptr;  ///< since the last step
};

}  // namespace

template <class T>
std::unique_ptr<Solver<T>> led_by(Team& team, const TeamRun& run, std::unique_ptr<Solver<T>> method) {
  return std::make_unique<LedSolver<T>>(team, run, std::move(method));
}

template <class T>
std::shared_ptr<const Samples<T>> own_columns(const std::shared_ptr<const Samples<T>>& whole, int rank,
                                              int size) {
  if (size == 1) return whole;
  const Shard shard = shard_of(whole->size(), rank, size);
  auto own = std::make_shared<Samples<T>>();
  const arma::uword count =
      shard.end - shard.begin;  // 0 where there are more processes than samples, which the method refuses
  const auto columns = [&](const auto& of) {
    using Matrix = std::remove_cvref_t<decltype(of)>;
    return count == 0 ? Matrix(of.n_rows, 0) : Matrix(of.cols(shard.begin, shard.end - 1));
  };
  if (whole->memory) {  // a view of the same file, of which this process reads its columns
    own->x = arma::Mat<T>(const_cast<T*>(whole->x.memptr()) + shard.begin * whole->x.n_rows, whole->x.n_rows,
                          count, false, true);
    own->memory = whole->memory;
  } else {
    own->x = columns(whole->x);
  }
  own->targets = columns(whole->targets);
  if (whole->has_labels()) own->labels = columns(whole->labels);
  return own;
}

template <class T>
std::unique_ptr<Solver<T>> shared_solver(Team& team, const Experiment& experiment, const Run& run,
                                         long threads, bool& same_bits) {
  std::unique_ptr<Solver<T>> method = experiment.solvers[run.solver].configured->template make<T>();
  const TeamShape shape =
      team_shape(method->shares_layers(), method->shares_samples(), experiment.parallel, team.size());
  same_bits = shape.shards == 1;
  TeamRun told;
  told.config = run.config;
  told.folder = folder_of(experiment);
  told.layers = experiment.parallel.layers;
  told.shards = static_cast<std::uint64_t>(shape.shards);
  told.threads = static_cast<std::uint64_t>(threads);
  told.send_u = experiment.parallel.send_u ? 1 : 0;
  return led_by<T>(team, told, std::move(method));
}

void check_sharing(const Experiment& experiment, const std::vector<Run>& runs, long processes) {
  std::set<std::size_t> solvers;
  for (const Run& run : runs) solvers.insert(run.solver);
  for (const std::size_t solver : solvers) {
    const SolverVariant& variant = experiment.solvers[solver];
    const std::shared_ptr<const ConfiguredSolver> configured =
        variant.search ? variant.search->points.front().configured : variant.configured;
    const std::unique_ptr<Solver<double>> method = configured->make_float64();
    try {
      team_shape(method->shares_layers(), method->shares_samples(), experiment.parallel, processes);
    } catch (const std::invalid_argument& error) {
      experiment.refuse("solvers", fmt::format("'{}': {}", variant.label, error.what()));
    }
  }
}

template std::unique_ptr<Solver<float>> led_by(Team&, const TeamRun&, std::unique_ptr<Solver<float>>);
template std::unique_ptr<Solver<double>> led_by(Team&, const TeamRun&, std::unique_ptr<Solver<double>>);
template std::unique_ptr<Solver<float>> shared_solver(Team&, const Experiment&, const Run&, long, bool&);
template std::unique_ptr<Solver<double>> shared_solver(Team&, const Experiment&, const Run&, long, bool&);
template std::shared_ptr<const Samples<float>> own_columns(const std::shared_ptr<const Samples<float>>&, int,
                                                           int);
template std::shared_ptr<const Samples<double>> own_columns(const std::shared_ptr<const Samples<double>>&,
                                                            int, int);

}  // namespace admmbench
