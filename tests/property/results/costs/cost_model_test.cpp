/// The cost model's memory against the heap, its messages against what pdADMM says it sent, and its coverage. (Operations and
/// bytes of passes and products: counters_test.cpp.)

#include "results/costs/cost_model.hpp"

#include <malloc.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "solvers/solver.hpp"
#include "tests/support/set_parameters.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/solver_state.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(cost_model_test)

namespace {

using Widths = std::vector<arma::uword>;

CostShape cost_shape(const Widths& n, arma::uword N, double batch, double entry_bytes) {
  return {{n.begin(), n.end()}, static_cast<double>(N), batch, entry_bytes};
}

/// Bytes that are allocated now.
double live_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks) + static_cast<double>(info.hblkhd);
}

/// What a training set and a solver hold after two iterations.
template <class T>
double held_bytes(const std::string& method, const Widths& n, arma::uword N, double batch) {
  const double before = live_bytes();
  auto problem = testing::small_problem<T>(n, N, Loss::cross_entropy);
  problem.gram = input_gram(problem);
  std::map<std::string, std::string> settings;
  if (has_batches(method))
    settings["batch_size"] = batch > 0 ? std::to_string(static_cast<long>(batch)) : "full";
  const auto solver = testing::configured(find_solver(method), settings)->template make<T>();
  solver->initialize(problem, solver->initial_network(problem, 1), 1);
  solver->step();
  solver->step();
  return live_bytes() - before;
}

struct Setting {
  Widths widths;
  arma::uword samples;
  double batch;  ///< of methods that have batches
  friend std::ostream& operator<<(std::ostream& out, const Setting& s) {
    return out << to_string(cost_shape(s.widths, s.samples, s.batch, 4));
  }
};

/// Named here: data-driven cases are laid out before the methods are all registered.
const std::vector<std::string> methods{
    "aa_dladmm",    "adadelta", "adagrad",   "adam",         "admm_taylor", "am_adam",       "badm",
    "bcd",          "dladmm",   "dlam",      "gorth",        "gram_tp",     "kfac",          "last_layer",
    "lbfgs",        "mac",      "mdlam",     "mono_forward", "muon",        "nadamw",        "nsisa",
    "pdadmm",       "pdadmm_g", "pdadmm_gq", "proxprop",     "rmsprop",     "schedule_free", "sgd",
    "sigmoid_admm", "sisa",     "soap"};

/// N above all widths, between, and W_1 in the span of x; a wide network whose weights outweigh its samples.
const std::vector<Setting> settings{{{70, 200, 150, 5}, 2000, 100},
                                    {{300, 120, 80, 120, 10}, 250, 50},
                                    {{900, 150, 100, 8}, 300, 0},
                                    {{100, 500, 500, 10}, 600, 60}};

/// Vectors of one entry per neuron, panels' partial sums and the allocator's rounding are left out.
constexpr double memory_tolerance = 0.02;

}  // namespace

/// A plug-in's method may come without; the suite's own have one each.
BOOST_AUTO_TEST_CASE(every_method_of_the_suite_has_a_model) {
  const std::vector<std::string> modelled = modelled_methods();
  BOOST_TEST(modelled == methods, boost::test_tools::per_element());
  BOOST_TEST(modelled.size() == registered_solvers().size());
  BOOST_CHECK_THROW(iteration_cost("none", cost_shape({3, 2}, 4, 0, 4)), std::invalid_argument);
}

BOOST_DATA_TEST_CASE(memory_is_what_the_heap_says,
                     boost::unit_test::data::make(methods) * boost::unit_test::data::make(settings), method,
                     setting) {
  const double batch = has_batches(method) ? setting.batch : 0;
  const auto check = [&](double held, double entry_bytes) {
    const MemoryCost model =
        memory_cost(method, cost_shape(setting.widths, setting.samples, batch, entry_bytes));
    BOOST_TEST(std::abs(held / model.total() - 1) < memory_tolerance,
               method << " holds " << held << " bytes, the model says " << model.total());
  };
  check(held_bytes<float>(method, setting.widths, setting.samples, batch), sizeof(float));
  check(held_bytes<double>(method, setting.widths, setting.samples, batch), sizeof(double));
}

/// The negative control: methods that differ by a moment, a previous iterate or codes do not meet each other's model.
BOOST_AUTO_TEST_CASE(memory_tells_relatives_apart) {
  const Setting& setting = settings.front();
  const std::vector<std::pair<std::string, std::string>> relatives{{"sgd", "adam"},
                                                                   {"adagrad", "adam"},
                                                                   {"dlam", "mdlam"},
                                                                   {"pdadmm", "pdadmm_gq"},
                                                                   {"dladmm", "admm_taylor"}};
  for (const auto& [one, other] : relatives) {
    const double batch = has_batches(one) ? setting.batch : 0;
    const double held = held_bytes<float>(one, setting.widths, setting.samples, batch);
    const double model =
        memory_cost(other, cost_shape(setting.widths, setting.samples, batch, sizeof(float))).total();
    BOOST_TEST(std::abs(held / model - 1) >= memory_tolerance, one << " meets the model of " << other);
  }
}

/// pdADMM's own count of what crosses its interfaces.
BOOST_AUTO_TEST_CASE(messages_are_what_pdadmm_sends) {
  const Widths n{7, 11, 5, 6, 3};
  constexpr arma::uword N = 40;
  const auto problem = testing::small_problem<float>(n, N, Loss::cross_entropy);
  const CostShape shape = cost_shape(n, N, 0, sizeof(float));
  const auto sent = [&](const std::string& method, const std::map<std::string, std::string>& values) {
    const auto solver = testing::configured(find_solver(method), values)->make_float32();
    solver->initialize(problem, solver->initial_network(problem, 1), 1);
    solver->step();
    return testing::named(solver->diagnostics(), "bytes_sent");
  };
  const auto modelled = [&](const std::string& method, const CostOptions& options) {
    double bytes = 0;
    for (const LayerCost& layer : method_cost(method, shape, options).layers)
      bytes += layer.above.down + layer.above.up;
    return bytes;
  };
  CostOptions with_u;
  with_u.send_u = true;
  BOOST_TEST(sent("pdadmm", {}) == modelled("pdadmm", with_u));
  BOOST_TEST(sent("pdadmm", {{"send_u", "false"}}) == modelled("pdadmm", {}));
  BOOST_TEST(sent("pdadmm_g", {}) == modelled("pdadmm_g", with_u));
  for (const std::string quantize : {"p", "pq", "q"}) {
    CostOptions options = with_u;
    options.quantize_p = quantize != "q";
    options.quantize_q = quantize != "p";
    options.code_bytes = 5.0 / 8;  // the default's 22 levels
    BOOST_TEST(sent("pdadmm_gq", {{"quantize", quantize}}) == modelled("pdadmm_gq", options));
    BOOST_TEST(sent("pdadmm_gq", {{"quantize", quantize}}) != modelled("pdadmm", {}));
  }
  CostOptions wide = with_u;
  wide.code_bytes = 10.0 / 8;
  BOOST_TEST(sent("pdadmm_gq", {{"delta.levels", "1000"}}) == modelled("pdadmm_gq", wide));
}

BOOST_AUTO_TEST_CASE(ring_all_reduce_sends_twice_the_rest) {
  BOOST_TEST(ring_all_reduce({1000, 3}, 4, 1).bytes == 0);
  BOOST_TEST(ring_all_reduce({1000, 3}, 4, 4).bytes == 2 * 0.75 * 4000);
  BOOST_TEST(ring_all_reduce({1000, 3}, 4, 4).count == 2 * 3 * 3);
}

/// What one node holds of a layer is in the sum at least what the method holds, scratch and inputs apart.
BOOST_AUTO_TEST_CASE(layers_hold_the_state_between_them) {
  const CostShape shape = cost_shape({50, 40, 30, 20, 4}, 500, 0, 4);
  for (const std::string method : {"pdadmm", "pdadmm_g", "pdadmm_gq"}) {
    double layers = 0;
    for (const LayerCost& layer : method_cost(method, shape).layers) layers += layer.memory;
    const MemoryCost memory = memory_cost(method, shape);
    BOOST_TEST(layers > memory.state);
    BOOST_TEST(layers < 2 * memory.total());
  }
  BOOST_TEST(method_cost("sgd", shape).layers.empty());
}

BOOST_AUTO_TEST_CASE(shapes_are_read_and_written) {
  const CostShape shape = parse_shape("784-1000-10x60000-batch-128");
  BOOST_TEST(shape.widths == (std::vector<double>{784, 1000, 10}), boost::test_tools::per_element());
  BOOST_TEST(shape.samples == 60000);
  BOOST_TEST(shape.batch == 128);
  BOOST_TEST(shape.parameters() == 784. * 1000 + 1000 + 1000 * 10 + 10);
  for (const std::string text : {"784-1000-10x60000-batch-128", "3-2x1"}) {
    BOOST_TEST(to_string(parse_shape(text)) == text);
  }
  for (const std::string text :
       {"", "784", "784-10", "784x100", "784-x5", "7-0x5", "7-3x", "7-3x5-batch-", "7-a-3x4"}) {
    BOOST_CHECK_THROW(parse_shape(text), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()
