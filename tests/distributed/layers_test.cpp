/// pdADMM with its layers shared by processes (docs/distributed.md#layers): the bits of a run in one process, whatever the groups; bytes
/// as counted; checkpoints for any number of processes. Started by mpirun, every process runs every case.

#include <array>
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>
#include <stdexcept>

#include "tests/distributed/layers_run.hpp"
#include "tests/distributed/shared_samples.hpp"

using namespace admmbench;
using namespace admmbench::testing;

BOOST_AUTO_TEST_SUITE(layers_test)
using arma::uword;
using Precisions = boost::mpl::list<float, double>;
using Quantize = PdadmmGqParameters::Quantize;

namespace {

/// What a run is made of.
struct Case {
  PdadmmGqParameters parameters;
  std::vector<uword> widths;
  uword samples = 0;
  Loss loss = Loss::cross_entropy;
  bool implicit = false;  ///< W_1 in the span of the inputs
  int iterations = 6;
};

template <class T>
Problem<T> problem_of(const Case& given) {
  auto problem = small_problem<T>(given.widths, given.samples, given.loss);
  if (given.implicit) problem.gram = input_gram(problem);
  return problem;
}

/// Shapes at random, with as many layers as there may be processes at least.
Case random_case(std::uint64_t seed) {
  Rng rng(seed, 7);
  const auto between = [&](double low, double high) {
    return static_cast<uword>(low + rng.uniform() * (high - low + 1));
  };
  Case result;
  const uword layers = between(4, 7);
  result.widths.push_back(between(4, 9));
  for (uword l = 1; l < layers; ++l) result.widths.push_back(between(3, 14));
  result.widths.push_back(3);
  result.samples = between(20, 90);
  result.loss = seed % 3 == 2 ? Loss::squared : Loss::cross_entropy;
  constexpr std::array rules{StepRule::Kind::exact, StepRule::Kind::backtracking, StepRule::Kind::lipschitz};
  result.parameters.step.kind = rules[seed % rules.size()];
  result.parameters.rho = 0.5;
  result.parameters.nu = 0.3;
  result.parameters.mu = seed % 2 == 0 ? 0.1 : 0.0;
  result.parameters.send_u = (seed / 2) % 2 == 0;
  result.parameters.threads = seed % 4 == 3 ? 2 : 1;
  return result;
}

/// Greedy training with a rho that grows.
void make_staged(Case& given) {
  const auto layers = static_cast<double>(given.widths.size() - 1);
  given.parameters.stages.layers = {2, 3, layers};
  given.parameters.stages.iterations = {3};
  given.parameters.continuation.kind = RhoContinuation::Kind::released;
  given.parameters.continuation.factor = 2;
  given.parameters.continuation.drop = {0.5};  // hardly ever met: rho grows
  given.parameters.continuation.after = {1};
  given.iterations = 9;
}

/// One run alone and one shared, in the same state.
template <class T, template <class> class Method, template <class> class SharedMethod = Method>
class Pair {
 public:
  Pair(const Case& given, Communicator& layers, std::vector<long> groups)
      : given_(given),
        problem_(problem_of<T>(given)),
        layers_(layers),
        team_(layers, std::move(groups), given.parameters.send_u),
        alone_(given.parameters),
        shared_(given.parameters) {
    shared_.share(team_.run());
    initialize();
  }

  void initialize() {
    alone_.initialize(problem_, alone_.initial_network(problem_, 1), 1);
    shared_.initialize(problem_, shared_.initial_network(problem_, 1), 1);
  }
  void step(int times = 1) {
    for (int k = 0; k < times; ++k) {
      alone_.step();
      shared_.step();
    }
  }

  /// What differs between the two runs, in the leader; elsewhere nothing.
  std::string difference() {
    const SolverState<T> mine(alone_);
    const SolverState<T> ours(shared_);
    const Diagnostics said = alone_.diagnostics();
    const Diagnostics together = shared_.diagnostics();
    const Network<T> network = shared_.network();
    const std::string archived = saved(shared_, layers_);
    if (!layers_.leads()) return {};
    std::string result = differences(mine, ours);
    if (said.objective != together.objective) result += " objective";
    if (said.residual != together.residual) result += " residual";
    for (const auto& [name, value] : said.named) {
      if (name != "bytes_sent" && named(together, name) != value) result += " " + name;
    }
    for (uword l = 0; l < network.layers(); ++l) {
      if (!same_bits(network.W[l], alone_.network().W[l])) result += " network";
    }
    const Network<T> start = alone_.initial_network(problem_, 1);
    const arma::vec moved(alone_.weight_changes(start));  // not a number where a stage has another shape
    if (!same_bits(moved, arma::vec(shared_.weight_changes(start)))) result += " weight_changes";
    ForwardWorkspace<T> workspace;
    arma::Mat<T> outputs;
    arma::Mat<T> same;
    alone_.outputs(problem_, *problem_.train, workspace, outputs);
    shared_.outputs(problem_, *problem_.train, workspace, same);
    if (!same_bits(outputs, same)) result += " outputs";
    SavedInMemory archive;
    alone_.archive(archive);
    if (archive.saved != archived) result += " archive";
    return result;
  }

  const Method<T>& alone() const { return alone_; }
  Method<T>& alone() { return alone_; }
  SharedMethod<T>& shared() { return shared_; }
  const Problem<T>& problem() const { return problem_; }

 private:
  Case given_;
  Problem<T> problem_;
  Communicator& layers_;
  LayerTeam team_;
  Method<T> alone_;
  SharedMethod<T> shared_;
};

/// Both are looked at after every third iteration, so that messages are under way when somebody looks, and when nobody does.
template <class T, template <class> class Method>
void check_equal(const Case& given, const std::vector<long>& groups, const std::string& what) {
  Pair<T, Method> pair(given, world(), groups);
  BOOST_TEST(pair.difference() == "", what << " at the start");
  for (int k = 1; k <= given.iterations; ++k) {
    pair.step();
    if (k % 3 == 0) BOOST_TEST(pair.difference() == "", what << " after iteration " << k);
  }
}

std::vector<long> groups_at_random(const Case& given, std::uint64_t seed) {
  Rng rng(seed, 8);
  return random_groups(rng, static_cast<long>(given.widths.size() - 1), world().size());
}

const std::vector<LevelSet> level_sets{
    {LevelSet::Kind::uniform, -1, 20, 22, 8, {}},
    {LevelSet::Kind::bits, -1, 2, 2, 1, {}},
    {LevelSet::Kind::bits, -1, 2, 2, 3, {}},
    {LevelSet::Kind::bits, -1, 2, 2, 8, {}},
    {LevelSet::Kind::bits, -1, 2, 2, 13, {}},
    {LevelSet::Kind::bits, -1, 2, 2, 16, {}},
    {LevelSet::Kind::list, 0, 0, 2, 1, {-1, -0.2, 0, 0.1, 0.15, 0.9, 2.5}},
};

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(pdadmm_has_the_bits_of_one_process, T, Precisions) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const Case given = random_case(seed);
    check_equal<T, Pdadmm>(given, {}, "balanced, case " + std::to_string(seed));
    check_equal<T, Pdadmm>(given, groups_at_random(given, seed), "given, case " + std::to_string(seed));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(stages_and_continuation_have_the_bits_of_one_process, T, Precisions) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    Case given = random_case(seed);
    make_staged(given);
    const std::string what = "case " + std::to_string(seed);
    check_equal<T, PdadmmG>(given, {}, "balanced, " + what);
    check_equal<T, PdadmmG>(given, groups_at_random(given, seed), "given, " + what);
    // rho did grow, or the cost that decides on it would not have been looked at.
    Pair<T, PdadmmG> pair(given, world(), {});
    pair.step(given.iterations);
    BOOST_TEST(named(pair.alone().diagnostics(), "rho") > given.parameters.rho);
    pair.shared().diagnostics();
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(quantised_messages_have_the_bits_of_one_process, T, Precisions) {
  std::uint64_t seed = 20;
  for (const LevelSet& levels : level_sets) {
    for (const Quantize quantize : {Quantize::p, Quantize::pq, Quantize::q}) {
      Case given = random_case(++seed);
      given.parameters.delta = levels;
      given.parameters.quantize = quantize;
      if (seed % 3 == 0) make_staged(given);
      check_equal<T, PdadmmGq>(given, seed % 2 == 0 ? groups_at_random(given, seed) : std::vector<long>{},
                               "case " + std::to_string(seed));
    }
  }
}

/// The leader alone has W_1, as s W^0 + C x^T.
BOOST_AUTO_TEST_CASE_TEMPLATE(implicit_first_layer, T, Precisions) {
  for (std::uint64_t seed = 40; seed < 44; ++seed) {
    Case given = random_case(seed);
    given.widths.front() = 60;
    given.samples = 24;
    given.implicit = true;
    if (seed % 2 == 0) make_staged(given);
    check_equal<T, PdadmmG>(given, {}, "case " + std::to_string(seed));
  }
}

BOOST_AUTO_TEST_CASE(a_second_run_of_the_same_solver) {
  Pair<double, PdadmmG> pair(random_case(1), world(), {});
  pair.step(3);
  pair.initialize();
  BOOST_TEST(pair.difference() == "");
  pair.step(2);
  BOOST_TEST(pair.difference() == "");
}

/// What another number of processes saved, one among them, is gone on from as if nothing had happened.
BOOST_AUTO_TEST_CASE_TEMPLATE(checkpoints_are_for_any_number_of_processes, T, Precisions) {
  for (std::uint64_t seed = 60; seed < 66; ++seed) {
    Case given = random_case(seed);
    if (seed % 2 == 0) make_staged(given);
    given.parameters.quantize = seed % 3 == 0 ? Quantize::pq : Quantize::p;
    given.parameters.delta = level_sets[seed % level_sets.size()];
    Pair<T, PdadmmGq> whole(given, world(), groups_at_random(given, seed));
    whole.step(7);
    const std::string ours = saved(whole.shared(), world());  // equals that of one process: difference()
    BOOST_TEST(whole.difference() == "");
    const double sent = named(whole.shared().diagnostics(), "bytes_sent");

    // The same processes: the bytes so far are part of what continues.
    Pair<T, PdadmmGq> again(given, world(), groups_at_random(given, seed));
    restore(again.shared(), world(), ours);
    BOOST_TEST(named(again.shared().diagnostics(), "bytes_sent") == sent);

    // One process fewer, which are grouped in another way; the last one stays alone.
    const bool last = world().size() > 1 && world().rank() == world().size() - 1;
    const auto fewer = world().split(last ? 1 : 0, world().rank());
    Pair<T, PdadmmGq> resumed(given, *fewer, {});
    SavedInMemory alone;
    whole.alone().archive(alone);
    restore(resumed.shared(), *fewer, fewer->rank() == 0 && !last ? ours : alone.saved);
    RestoredFromMemory archive(alone.saved);
    resumed.alone().archive(archive);
    BOOST_TEST(resumed.difference() == "");
    resumed.step(6);
    whole.step(6);
    BOOST_TEST(resumed.difference() == "");
    BOOST_TEST(whole.difference() == "");
    BOOST_TEST(differences(SolverState<T>(whole.alone()), SolverState<T>(resumed.alone())) == "");
  }
}

namespace {

/// Sums over all processes.
double of_all(double value) {
  world().sum(std::span(&value, 1));
  return value;
}

/// Bytes of an iteration by what is sent, packed as bits, over every interface that has two owners.
template <class T>
double bytes_on_paper(const Case& given, const std::vector<long>& groups, unsigned bits) {
  const auto& parameters = given.parameters;
  double bytes = 0;
  uword l = 0;
  for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
    l += static_cast<uword>(groups[g]);
    const auto entries = static_cast<double>(given.widths[l] * given.samples);
    const double coded = std::ceil(entries * bits / 8);
    const double full = entries * sizeof(T);
    bytes += (parameters.quantize != Quantize::q ? coded : full) +
             (parameters.quantize != Quantize::p ? coded : full) + (parameters.send_u ? full : 0);
  }
  return bytes;
}

}  // namespace

/// The column is what MPI was given, and what the formula says; nothing else is sent in a step.
BOOST_AUTO_TEST_CASE_TEMPLATE(bytes_sent_are_those_of_mpi, T, Precisions) {
  if (world().size() == 1) return;  // alone it counts what it would send
  std::uint64_t seed = 80;
  for (const LevelSet& levels : level_sets) {
    Case given = random_case(++seed);
    given.parameters.delta = levels;
    given.parameters.quantize = static_cast<Quantize>(seed % 3);
    const std::vector<long> groups = groups_at_random(given, seed);
    Pair<T, PdadmmGq> pair(given, world(), groups);
    double by_mpi = 0;
    for (int k = 1; k <= 4; ++k) {
      const auto before = static_cast<double>(isend_bytes());
      pair.step();
      by_mpi += of_all(static_cast<double>(isend_bytes()) - before);
      const double said = named(pair.shared().diagnostics(), "bytes_sent");
      BOOST_TEST(said == by_mpi);
      BOOST_TEST(said == k * bytes_on_paper<T>(given, groups, Quantizer<T>(levels).bits()));
    }
  }
}

/// With a layer for every process there is what one process says, which counts every interface.
BOOST_AUTO_TEST_CASE(a_layer_each_sends_what_one_process_counts) {
  Case given = random_case(3);
  given.widths.assign(static_cast<std::size_t>(world().size()) + 1, 6);
  given.widths.back() = 3;
  for (const bool send_u : {false, true}) {
    given.parameters.send_u = send_u;
    Pair<double, Pdadmm> pair(given, world(), {});
    pair.step(2);
    BOOST_TEST(named(pair.shared().diagnostics(), "bytes_sent") ==
               named(pair.alone().diagnostics(), "bytes_sent"));
  }
}

/// The bytes that the continuation's forward pass sends are in it, what moves at a hand-over is not.
BOOST_AUTO_TEST_CASE(bytes_of_staged_training) {
  if (world().size() == 1) return;
  Case given = random_case(90);
  make_staged(given);
  Pair<double, PdadmmG> pair(given, world(), {});
  double said = 0;
  for (int k = 0; k < given.iterations; ++k) {
    const auto before = static_cast<double>(isend_bytes());
    pair.step();
    const double by_mpi = of_all(static_cast<double>(isend_bytes()) - before);
    const double now = named(pair.shared().diagnostics(), "bytes_sent");
    const bool hand_over = k == 3 || k == 6;
    BOOST_TEST((hand_over ? by_mpi >= now - said : by_mpi == now - said));
    said = now;
  }
  BOOST_TEST(said > 0);
}

namespace {

/// A run of one process, and one of groups of layers by shards of the samples.
template <class T, template <class> class Method>
class Hybrid {
 public:
  Hybrid(const Case& given, int shards)
      : layers_(world().split(world().rank() % shards, world().rank())),
        samples_(world().split(world().rank() / shards, world().rank())),
        run_{&world(), layers_.get(), samples_.get(), {}, given.parameters.send_u},
        whole_(problem_of<T>(given)),
        own_(share_of(whole_, *samples_)),
        alone_(given.parameters),
        shared_(given.parameters) {
    shared_.share(run_);
    alone_.initialize(whole_, alone_.initial_network(whole_, 1), 1);
    shared_.initialize(own_, shared_.initial_network(whole_, 1), 1);
  }

  void step(int times) {
    for (int k = 0; k < times; ++k) {
      alone_.step();
      shared_.step();
    }
  }

  /// Relative to the largest entry, but to 1 where all are smaller: behind a hand-over u is what rounding leaves of p - q.
  static double apart(const arma::Mat<T>& found, const arma::Mat<T>& right) {
    if (arma::size(found) != arma::size(right)) return std::numeric_limits<double>::infinity();
    if (right.is_empty()) return 0;
    return arma::abs(found - right).max() / std::max(T(1), arma::abs(right).max());
  }

  /// The largest relative difference of a variable, or of what diagnostics() says, in the leader.
  double difference() {
    struct Ignored final : StateVisitor<T> {
      void matrix(std::string_view, const arma::Mat<T>&) override {}
      void vector(std::string_view, const arma::Col<T>&) override {}
    };
    Ignored ignored;
    SolverState<T> shown;
    StateVisitor<T>& mine = world().leads() ? static_cast<StateVisitor<T>&>(shown) : ignored;
    TeamVisitor<T> visitor(*samples_, own_.total_samples(), samples_->leads() ? &mine : nullptr);
    shared_.visit_state(visitor);
    const Diagnostics together = shared_.diagnostics();
    if (!world().leads()) return 0;
    const Diagnostics said = alone_.diagnostics();
    const SolverState<T> expected(alone_);
    const auto relative = [](double found, double right) {
      return std::abs(found - right) / (1 + std::abs(right));
    };
    double largest = std::max(relative(*together.objective, *said.objective),
                              relative(*together.residual, *said.residual));
    for (const auto& [name, value] : said.named) {
      if (name != "bytes_sent") largest = std::max(largest, relative(named(together, name), value));
    }
    if (shown.variables.size() != expected.variables.size()) return std::numeric_limits<double>::infinity();
    for (const auto& [name, value] : expected.variables)
      largest = std::max(largest, apart(shown.variables.at(name), value));
    return largest;
  }

  /// The bytes of one process's checkpoint, in the leader; what is restored is the leader's.
  std::string save() {
    SavedInMemory archive;
    NothingArchived nothing(false);
    StateArchive& mine = world().leads() ? static_cast<StateArchive&>(archive) : nothing;
    TeamArchive together(*samples_, own_.total_samples(), samples_->leads() ? &mine : nullptr, false);
    shared_.archive(together);
    return archive.saved;
  }
  void restore(const std::string& saved) {
    RestoredFromMemory archive(saved);
    NothingArchived nothing(true);
    StateArchive& mine = world().leads() ? static_cast<StateArchive&>(archive) : nothing;
    TeamArchive together(*samples_, own_.total_samples(), samples_->leads() ? &mine : nullptr, true);
    shared_.archive(together);
  }

  Method<T>& alone() { return alone_; }
  Method<T>& shared() { return shared_; }

 private:
  std::unique_ptr<Communicator> layers_;
  std::unique_ptr<Communicator> samples_;
  ParallelRun run_;
  Problem<T> whole_;
  Problem<T> own_;
  Method<T> alone_;
  Method<T> shared_;
};

/// Whether two runs are the same to rounding, in double.
template <class Runs>
void check_close(Runs& runs, const std::string& what) {
  const double apart = runs.difference();
  BOOST_TEST(apart < 1e-10, what << ": " << apart << " apart");
}

}  // namespace

/// Groups of layers and shards of samples at once: to rounding, as sums over the samples are added in another order. A checkpoint goes
/// from them to one process and back.
BOOST_AUTO_TEST_CASE(layers_and_samples_together) {
  for (const int shards : {1, 2, 4}) {
    if (world().size() % shards != 0) continue;
    for (std::uint64_t seed = 100; seed < 104; ++seed) {
      Case given = random_case(seed);
      given.parameters.delta = level_sets[3];
      given.parameters.quantize = seed % 2 == 0 ? Quantize::pq : Quantize::p;
      if (seed % 2 == 1) make_staged(given);
      const std::string what = std::to_string(shards) + " shards, case " + std::to_string(seed);
      Hybrid<double, PdadmmGq> quantised(given, shards);
      Hybrid<double, PdadmmG> run(given, shards);
      check_close(run, what + " at the start");
      run.step(7);
      quantised.step(4);
      check_close(quantised, "quantised, " + what);
      check_close(run, what);

      const std::string saved = run.save();
      Hybrid<double, PdadmmG> resumed(given, shards);
      resumed.restore(saved);
      if (world().leads()) {
        RestoredFromMemory archive(saved);
        resumed.alone().archive(archive);
        BOOST_TEST(archive.at_end());
      }
      check_close(resumed, what + " restored");
      if (world().leads()) resumed.alone().step();
      resumed.shared().step();
      check_close(resumed, what + " resumed");
    }
  }
}

namespace {

/// Forgets that u changes, where it has to replay that.
template <class T>
class ForgetsU final : public Pdadmm<T> {
 public:
  using Pdadmm<T>::Pdadmm;

 protected:
  void q_received(uword l) override { this->state_.u(l).zeros(); }
};

/// Sends q of the layer below for p.
template <class T>
class SwapsMessages final : public Pdadmm<T> {
 public:
  using Pdadmm<T>::Pdadmm;

 protected:
  std::span<std::byte> p_message(uword l) override {
    arma::Mat<T>& sent = this->owns(l) ? this->state_.q(l - 1) : this->state_.p(l);
    return bytes_of(sent.memptr(), sent.n_elem);
  }
};

template <template <class> class Wrong>
void check_noticed() {
  Case given = random_case(5);
  given.parameters.send_u = false;
  Pair<double, Pdadmm, Wrong> pair(given, world(), {});
  pair.step(4);
  const bool found = !pair.difference().empty();
  BOOST_TEST(found == (world().leads() && world().size() > 1));
}

}  // namespace

/// Negative controls: what is wrong between processes is seen by the comparison.
BOOST_AUTO_TEST_CASE(a_wrong_replay_is_noticed) { check_noticed<ForgetsU>(); }
BOOST_AUTO_TEST_CASE(swapped_messages_are_noticed) { check_noticed<SwapsMessages>(); }

BOOST_AUTO_TEST_CASE(impossible_groups_are_refused) {
  const int processes = world().size();
  Case given = random_case(1);
  const auto refused = [&](std::vector<long> groups) {
    try {
      const Pair<double, Pdadmm> pair(given, world(), std::move(groups));
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto layers = static_cast<long>(given.widths.size() - 1);
  std::vector<long> groups(static_cast<std::size_t>(processes), 1);
  groups.front() = layers - processes + 1;
  BOOST_TEST(refused(groups).empty());
  if (processes == 1) return;  // nothing is shared
  groups.back() += 1;
  BOOST_TEST(refused(groups).find("the network has " + std::to_string(layers)) != std::string::npos);
  groups.back() = 0;
  BOOST_TEST(refused(groups).find("at least 1 layer") != std::string::npos);
  groups.pop_back();
  BOOST_TEST(refused(groups).find("one for each") != std::string::npos);
  given.widths = {4, 3};
  BOOST_TEST(refused({}).find("at most 1 can") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
