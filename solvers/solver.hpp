#pragma once
/// The solver interface. A solver knows the problem and its own state; it does not know files, clocks, YAML,
/// the harness or other solvers' insides.

#include <armadillo>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/compute/cost.hpp"
#include "core/compute/counters.hpp"
#include "core/parallel/communicator.hpp"
#include "core/parallel/sample_sum.hpp"
#include "core/parameters.hpp"
#include "core/problem/network.hpp"
#include "core/problem/problem.hpp"
#include "core/problem/state_archive.hpp"
#include "core/problem/state_visitor.hpp"
#include "solvers/averaged.hpp"

namespace admmbench {

/// What a solver says about its current point. Computed on demand, outside the solver's clock.
struct Diagnostics {
  /// The method's own merit: augmented Lagrangian or F. Empty: the mean loss over the training set, which whoever evaluates
  /// the network has already.
  std::optional<double> objective;
  std::optional<double> residual;  ///< the method's own residual; empty where there is none
  std::vector<std::pair<std::string, double>>
      named;  ///< further trajectory columns (rho, eps, aa_accepted, ...)
};

/// The state of a method that shows all of it: Solver::archive().
template <class T>
class ShownState final : public StateVisitor<T> {
 public:
  explicit ShownState(StateArchive& archive) : archive_(archive) {}
  // visit_state() is for looking, so its references are const; what they refer to are members of a solver that is not.
  void matrix(std::string_view name, const arma::Mat<T>& value) override {
    take(name, const_cast<arma::Mat<T>&>(value));
  }
  void vector(std::string_view name, const arma::Col<T>& value) override {
    take(name, const_cast<arma::Col<T>&>(value));
  }
  void columns(std::string_view name, const arma::Mat<T>& value) override {
    take_name(name);
    archive_.columns(const_cast<arma::Mat<T>&>(value));
  }

 private:
  template <class Value>
  void take(std::string_view name, Value& value) {
    take_name(name);
    archive_(value);
  }
  void take_name(std::string_view name) {
    std::string of(name);
    archive_(of);
    if (of != name) throw std::runtime_error("the checkpoint is of another method");
  }

  StateArchive& archive_;
};

template <class T>
class Solver {
 public:
  virtual ~Solver() = default;

  /// W and b to start from when the experiment names no file: docs/problem.md#initial-point, unless the method's
  /// parameters ask for another one (the released codes re-seed per array).
  virtual Network<T> initial_network(const Problem<T>& problem, std::uint64_t seed) const {
    return gaussian_network<T>(problem.widths, seed);
  }

  /// What of a run's work several processes can share: blocks of layers, columns of samples. A method says so if it asks team() for
  /// what the others have.
  virtual bool shares_layers() const { return false; }
  virtual bool shares_samples() const { return false; }

  /// To be called before initialize() where several processes make one run; `team` must outlive the solver. Every one of them then
  /// calls every member in the same order, with its own share of the samples in `problem`, and the same whole network. What they
  /// return is the whole run's in the leader (team.all->leads()); elsewhere it is what the process has.
  void share(const ParallelRun& team) { team_ = &team; }

  /// Whether looking at network() after a step costs nothing but reading it: no implicit W_1 that has to be formed, no weights that
  /// other processes have.
  virtual bool network_at_hand() const {
    return problem_->gram == nullptr && (team_ == nullptr || team_->layers->size() == 1);
  }

  /// Builds the state from W and b (hidden z, a by forward pass, z_L, duals as in docs/problem.md#initial-point) and
  /// sizes every buffer; start() says how. `problem` must outlive the solver. `seed` feeds whatever else the method
  /// draws (mini-batches).
  void initialize(const Problem<T>& problem, Network<T> initial, std::uint64_t seed) {
    problem_ = &problem;
    if (!sample_sum().alone()) {
      if (!shares_samples()) throw std::invalid_argument("this method cannot share the samples of a run");
      require_a_sample_each(*team_, problem.total_samples());
    }
    start(std::move(initial), seed);
  }

  /// One iteration of the method. Allocates nothing after the first call.
  virtual void step() = 0;

  /// The current W and b, for evaluation.
  virtual const Network<T>& network() const = 0;

  /// out <- z_L of the forward pass on a split of the problem (n_L x N_split), for evaluation. The default is
  /// forward() with network(); solvers that hold W_1 implicitly do it without forming W_1.
  virtual void outputs(const Problem<T>& problem, const Samples<T>& split, ForwardWorkspace<T>& workspace,
                       arma::Mat<T>& out) const {
    forward(network(), problem.activation, split.x, workspace, out);
  }

  /// How far the weights have moved, per layer: ||W_l - W_l^0||_F / ||W_l^0||_F. A method whose hidden layers stay put
  /// trains its output layer on random features, whatever its accuracy.
  virtual std::vector<double> weight_changes(const Network<T>& initial) const {
    return relative_changes(network(), initial);
  }

  /// `watcher` is called with the weights after every update that the method tells of (updated()).
  void watch_updates(std::function<void(const Network<T>&)> watcher) { watcher_ = std::move(watcher); }

  /// The default, for methods without a merit of their own: the objective is the mean loss, and there is no residual.
  virtual Diagnostics diagnostics() const { return {}; }

  /// What other processes have counted of this run since the last call; to be added to the caller's own counts.
  virtual Counters take_work_elsewhere() { return {}; }

  /// False for a method whose operations are done where nobody counts them: its runs have no column `flops`.
  virtual bool counts_operations() const { return true; }

  /// Every variable of the method. The default, for methods that have no others: W_l and b_l.
  ///
  /// A method whose next step() depends on nothing else has checkpoints by this alone; see archive().
  virtual void visit_state(StateVisitor<T>& visitor) const {
    const Network<T>& current = network();
    for (arma::uword l = 1; l <= current.layers(); ++l) {
      visitor.matrix(layer_name("W", l), current.W[l - 1]);
      visitor.vector(layer_name("b", l), current.b[l - 1]);
    }
  }

  /// Hands everything that the next step() depends on, and what diagnostics() says, to `archive`: to save it, or to restore it in a
  /// solver of the same settings that initialize() has been called on with the same arguments. After that every further iteration
  /// has the same bits. Scratch memory and what initialize() computes stay out; what a restored value has been computed into
  /// (products, factorizations) is archived too, or computed anew as it was.
  ///
  /// The default is what visit_state() shows, which must be members of the solver then, and all it has. A run that goes on
  /// from a checkpoint makes sure of it: if its first iteration is not that of the run that saved it, it starts anew.
  virtual void archive(StateArchive& archive) {
    ShownState<T> shown(archive);
    visit_state(shown);
  }

 protected:
  /// What initialize() does, problem() being the new one.
  virtual void start(Network<T> initial, std::uint64_t seed) = 0;

  const Problem<T>& problem() const { return *problem_; }
  /// Null: one process makes the run alone.
  const ParallelRun* team() const { return team_; }
  /// Adds over all samples what this process has added over its own.
  SampleSum sample_sum() const { return SampleSum(team_); }

  /// To be called by methods that update their weights several times in a step(), after each: averages are taken there.
  void updated() const {
    if (watcher_) watcher_(network());
  }

 private:
  const Problem<T>* problem_ = nullptr;
  const ParallelRun* team_ = nullptr;
  std::function<void(const Network<T>&)> watcher_;
};

/// A named set of parameters; parameters given beside it override it.
struct Preset {
  std::string name;
  std::string meaning;
};

/// A method chosen and configured: its parameters, and the means to make solvers of it.
class ConfiguredSolver {
 public:
  virtual ~ConfiguredSolver() = default;
  virtual void visit(ParameterVisitor& visitor) = 0;
  /// Sets the parameters to preset `name`; false if there is no such preset.
  virtual bool apply_preset(std::string_view name) = 0;
  virtual std::unique_ptr<Solver<float>> make_float32() const = 0;
  virtual std::unique_ptr<Solver<double>> make_float64() const = 0;
  /// Looks for the files that the parameters name, relative to `folder`, the experiment's, else to the working directory.
  virtual void look_for_files(const std::filesystem::path& /*folder*/) {}
  /// Files outside the program that decide what the method does: their content is part of a run's identity.
  virtual std::vector<std::filesystem::path> files() const { return {}; }

  template <class T>
  std::unique_ptr<Solver<T>> make() const {
    if constexpr (std::is_same_v<T, float>) {
      return make_float32();
    } else {
      return make_float64();
    }
  }
};

/// Registry entry of a method.
struct SolverInfo {
  std::string name;       ///< as in experiment files
  std::string summary;    ///< one line
  std::string reference;  ///< where the equations come from
  std::vector<Preset> presets;
  std::function<std::unique_ptr<ConfiguredSolver>()> make_default;  ///< with default parameters
  CostModel cost;                                                   ///< what it costs on paper; may be empty
};

/// All methods, sorted by name.
const std::vector<SolverInfo>& registered_solvers();

/// The entry of `name`, or nullptr.
const SolverInfo* find_solver(std::string_view name);

namespace detail {
void add_solver(SolverInfo info);
}  // namespace detail

/// A preset as a solver file declares it.
template <class Parameters>
struct PresetOf {
  std::string name;
  std::string meaning;
  std::function<void(Parameters&)> apply;
};

/// Registers a method from its own file:
///
///     const RegisterSolver<DladmmParameters, Dladmm> registered(
///         "dladmm", "one line", "reference", {presets}, {dladmm_cost});
template <class Parameters, template <class> class SolverOf>
class RegisterSolver {
 public:
  RegisterSolver(std::string name, std::string summary, std::string reference,
                 std::vector<PresetOf<Parameters>> presets = {}, CostModel cost = {}) {
    SolverInfo info{std::move(name), std::move(summary), std::move(reference), {}, {}, cost};
    for (const auto& preset : presets) info.presets.push_back({preset.name, preset.meaning});
    info.make_default = [presets = std::move(presets)] { return std::make_unique<Configured>(presets); };
    detail::add_solver(std::move(info));
  }

 private:
  class Configured final : public ConfiguredSolver {
   public:
    explicit Configured(std::vector<PresetOf<Parameters>> presets) : presets_(std::move(presets)) {}
    void visit(ParameterVisitor& visitor) override {
      parameters_.visit(visitor);
      visit_average(visitor, average_);
    }
    bool apply_preset(std::string_view name) override {
      for (const auto& preset : presets_) {
        if (preset.name == name) {
          preset.apply(parameters_);
          return true;
        }
      }
      return false;
    }
    std::unique_ptr<Solver<float>> make_float32() const override { return make_of<float>(); }
    std::unique_ptr<Solver<double>> make_float64() const override { return make_of<double>(); }

   private:
    template <class T>
    std::unique_ptr<Solver<T>> make_of() const {
      std::unique_ptr<Solver<T>> method = std::make_unique<SolverOf<T>>(parameters_);
      return average_.decay ? averaged(std::move(method), *average_.decay) : std::move(method);
    }

    std::vector<PresetOf<Parameters>> presets_;
    Parameters parameters_;
    AverageOptions average_;
  };
};

}  // namespace admmbench
