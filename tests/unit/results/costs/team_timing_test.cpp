/// What processes should take together: closed forms, and what a wrong figure does to them.

#include "results/costs/team_timing.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "core/io/csv.hpp"
#include "results/claims/claims.hpp"
#include "results/costs/team_page.hpp"
#include "results/costs/team_records.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(team_timing_test)

namespace {

constexpr double serial_seconds = 0.8;
const Links links{{1e-5, 2e9, 0}, {3e-5, 1e9, 0}};

/// Products alone take time, so that seconds go with operations.
MachineModel of_products() {
  MachineModel machine{1e-11, 0, 0, 1e-11, 0, {}};
  machine.per_pass_byte = {{"pdadmm", 0}, {"dladmm", 0}, {"adam", 0}};
  return machine;
}

CostShape square_network() { return parse_shape("100-100-100-100-100x1000"); }

double layer_flops(std::size_t first, std::size_t end) {
  const MethodCost cost = method_cost("pdadmm", square_network());
  double flops = 0;
  for (std::size_t l = first; l < end; ++l) flops += cost.layers[l].iteration.flops();
  return flops;
}

TeamPrediction by_layers(const Links& with, const std::vector<double>& groups = {2, 2}) {
  return predict_team(of_products(), "pdadmm", square_network(), serial_seconds, square_network(), 2, groups,
                      with);
}

bool near(double found, double expected) { return std::abs(found / expected - 1) < 1e-9; }

const char* const session = R"({
 "commit": "0123456789abcdef", "date": "2026-12-01", "launcher": "Open MPI v4", "machine": {"cpu": "P", "blas": "B 1"},
 "note": "Smoke run.",
 "messages": [{"bytes": 8, "seconds": 1.0e-6, "trips": 9}, {"bytes": 16777216, "seconds": 4.0e-3, "trips": 9}],
 "sums": [{"bytes": 8, "seconds": 2.0e-6, "trips": 9}, {"bytes": 16777216, "seconds": 9.0e-3, "trips": 9}],
 "cases": [{"scaling": "strong", "method": "pdadmm", "from": "100-100-100-10x1000", "shape": "100-100-100-10x1000", "processes": 2}],
 "runs": [
  {"method": "pdadmm", "shape": "100-100-100-10x1000", "processes": 1, "at_once": 1, "groups": [], "seconds": [9, 0.4, 0.5, 0.6],
   "computing": [0, 0, 0, 0], "waiting": [0, 0, 0, 0], "imbalance": 1, "bytes_sent": 0},
  {"method": "pdadmm", "shape": "100-100-100-10x1000", "processes": 1, "at_once": 1, "groups": [], "seconds": [9, 0.8],
   "computing": [0, 0], "waiting": [0, 0], "imbalance": 1, "bytes_sent": 0},
  {"method": "pdadmm", "shape": "100-100-100-10x1000", "processes": 1, "at_once": 1, "groups": [], "seconds": [0.7],
   "computing": [0], "waiting": [0], "imbalance": 1, "bytes_sent": 0},
  {"method": "pdadmm", "shape": "100-100-100-10x1000", "processes": 1, "at_once": 2, "groups": [], "seconds": [0.9],
   "computing": [0], "waiting": [0], "imbalance": 1, "bytes_sent": 0},
  {"method": "pdadmm", "shape": "100-100-100-10x1000", "processes": 2, "at_once": 1, "groups": [1, 2], "seconds": [0.5, 0.5],
   "computing": [0.4, 0.4], "waiting": [0.1, 0.1], "imbalance": 1.1, "bytes_sent": 1200000}],
 "curves": [
  {"label": "pdadmm", "processes": 1, "dataset": "d", "network": "n", "seconds": [0, 4, 8], "accuracy": [0.1, 0.4, 0.6]},
  {"label": "pdadmm", "processes": 2, "dataset": "d", "network": "n", "seconds": [0, 2.5, 5], "accuracy": [0.1, 0.4, 0.6]},
  {"label": "adam", "processes": 1, "dataset": "d", "network": "n", "seconds": [0, 1, 2], "accuracy": [0.1, 0.7, 0.8]}]
})";

TeamTimings read_session(const std::string& text) {
  const TemporaryFolder folder;
  write_text_file(folder.path() / "team.json", text);
  return read_team_timings(folder.path() / "team.json");
}

}  // namespace

BOOST_AUTO_TEST_CASE(layers_take_their_share_and_what_they_copy) {
  const TeamPrediction both = by_layers(links);
  const double all = layer_flops(0, 4);
  BOOST_REQUIRE(both.computing.size() == 2U);
  BOOST_TEST(near(both.computing[0], serial_seconds * layer_flops(0, 2) / all));
  BOOST_TEST(near(both.computing[1], serial_seconds * layer_flops(2, 4) / all));
  const double copied = 2 * 100.0 * 1000 * 4;  // p and q of the interface
  const double messages = 2 * links.message.latency + copied / links.message.bandwidth;
  const double slowest = std::max(both.computing[0], both.computing[1]);
  BOOST_TEST(near(both.messages, messages));
  BOOST_TEST(near(both.seconds, slowest + messages));
  BOOST_TEST(near(both.imbalance, slowest / (serial_seconds / 2)));
  BOOST_TEST(near(both.exposed, 1 - serial_seconds / 2 / both.seconds));
}

BOOST_AUTO_TEST_CASE(other_groups_are_another_balance) {
  BOOST_TEST(by_layers(links, {1, 3}).seconds > by_layers(links).seconds);
  BOOST_CHECK_THROW(by_layers(links, {2, 3}), std::invalid_argument);
  BOOST_CHECK_THROW(by_layers(links, {4}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_wrong_bandwidth_is_noticed) {
  const double right = by_layers(links).seconds;
  const Links slow{{links.message.latency, links.message.bandwidth / 1000, 0}, links.sum};
  BOOST_TEST(by_layers(slow).seconds > 1.15 * right);
  const Links sums{links.message, {links.sum.latency, links.sum.bandwidth / 1000, 0}};
  BOOST_TEST(near(by_layers(sums).seconds, right));  // layers are not summed
  const auto by_samples = [](const Links& with) {
    return predict_team(of_products(), "dladmm", square_network(), serial_seconds, square_network(), 2, {},
                        with)
        .seconds;
  };
  BOOST_TEST(by_samples(sums) > 1.15 * by_samples(links));
  BOOST_TEST(near(by_samples(slow), by_samples(links)));
}

BOOST_AUTO_TEST_CASE(samples_are_halved_and_sums_waited_for) {
  const CostShape whole = square_network();
  CostShape half = whole;
  half.samples /= 2;
  const MethodCost cost = method_cost("dladmm", whole);
  CostOptions options;
  options.span = false;
  const double computing =
      serial_seconds * method_cost("dladmm", half, options).iteration.flops() / cost.iteration.flops();
  const double sums =
      cost.reductions.count * links.sum.latency + cost.reductions.entries * 4 / links.sum.bandwidth;
  const TeamPrediction both =
      predict_team(of_products(), "dladmm", whole, serial_seconds, whole, 2, {}, links);
  BOOST_TEST(near(both.seconds, computing + sums));
  BOOST_TEST(near(both.exposed, sums / both.seconds));
  BOOST_TEST(both.imbalance == 1);
  // Four go through two rounds.
  const TeamPrediction four =
      predict_team(of_products(), "dladmm", whole, serial_seconds, whole, 4, {}, links);
  BOOST_TEST(near(four.messages, 2 * sums));
}

BOOST_AUTO_TEST_CASE(weak_scaling_begins_at_the_smaller_network) {
  const CostShape small = parse_shape("100-100-100x1000");
  const TeamPrediction both =
      predict_team(of_products(), "pdadmm", small, serial_seconds, square_network(), 2, {2, 2}, links);
  const double rate = serial_seconds / iteration_cost("pdadmm", small).flops();
  BOOST_TEST(near(both.computing[0], rate * layer_flops(0, 2)));
}

BOOST_AUTO_TEST_CASE(a_machine_is_adjusted_by_its_products) {
  MachineModel machine = of_products();
  machine.per_newton_entry = 1e-8;
  const double before = predicted_seconds(machine, "pdadmm", square_network());
  for (const double times : {0.5, 1.0, 3.0}) {
    const MachineModel adjusted = adjusted_to(machine, "pdadmm", square_network(), times * before);
    BOOST_TEST(near(predicted_seconds(adjusted, "pdadmm", square_network()), times * before));
    BOOST_TEST(adjusted.per_newton_entry == machine.per_newton_entry);
  }
  BOOST_TEST(
      near(adjusted_to(machine, "pdadmm", square_network(), 100 * before).per_flop, 8 * machine.per_flop));
}

BOOST_AUTO_TEST_CASE(the_fastest_block_counts_but_for_the_first) {
  const TeamTimings timings = read_session(session);
  const CostShape shape = parse_shape("100-100-100-10x1000");
  BOOST_TEST(near(fastest_of(timings, "pdadmm", shape, 1).seconds, 0.4));  // of 0.4, 0.5, 0.6; 0.8; 0.7
  BOOST_TEST(near(fastest_of(timings, "pdadmm", shape, 1, 2).seconds, 0.9));
  const TeamTimes both = fastest_of(timings, "pdadmm", shape, 2);
  BOOST_TEST(near(both.exposed, 0.2));
  BOOST_TEST(both.imbalance == 1.1);
  BOOST_TEST(both.groups.size() == 2U);
  BOOST_CHECK_THROW(fastest_of(timings, "adam", shape, 2), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_leader_that_is_ahead_does_not_count_as_fast) {
  std::string text = session;
  const std::string even = R"("seconds": [0.5, 0.5])";
  text.replace(text.find(even), even.size(), R"("seconds": [0.4, 0.3])");
  const TeamTimes both = fastest_of(read_session(text), "pdadmm", parse_shape("100-100-100-10x1000"), 2);
  BOOST_TEST(near(both.seconds, 0.7));  // of the second block, whose mean is 0.5
  BOOST_TEST(near(both.exposed, 1 - 0.4 / 0.7));
}

BOOST_AUTO_TEST_CASE(pages_say_what_was_measured_and_what_for) {
  const TeamTimings timings = read_session(session);
  MachineModel machine = of_products();
  machine.per_pass_byte["pdadmm_gq"] = 0;
  const std::string team = team_part("team", timings, machine);
  BOOST_TEST(team.find("Smoke run.") != std::string::npos);
  BOOST_TEST(team.find("| 0.80 | 40.0 % |") != std::string::npos);  // 0.4 s over 0.5 s
  const std::string accuracy = team_part("to-accuracy", timings, machine);
  BOOST_TEST(accuracy.find("1.60 times as fast as\nitself with one, and 0.2 times as fast as `adam`") !=
             std::string::npos);
  BOOST_TEST(team_part("messages", timings, machine).find("a sum") != std::string::npos);
  const std::string simulated = team_part("simulated", timings, machine);
  BOOST_TEST(simulated.find("**Simulation**, 20 layers of 1,500") != std::string::npos);
  BOOST_TEST(simulated.find("1,000 layers of 1,500") != std::string::npos);
  // 8 workers, 32 micro-batches: 8 (1 - 7/39)
  BOOST_TEST(simulated.find("| 1 | 1.94 | 3.66 | 6.56 |") != std::string::npos);
  BOOST_CHECK_THROW(team_part("nothing", timings, machine), std::invalid_argument);
}

namespace {

Check check_of(RuleKind kind, const std::string& experiment, double at_least) {
  Check check;
  check.kind = kind;
  check.experiment = experiment;
  check.methods = {"*"};
  check.at_least = at_least;
  return check;
}

}  // namespace

/// Claims are judged by runs that were alone on the machine, and by the simulation under a name of its own.
BOOST_AUTO_TEST_CASE(timings_are_runs_for_claims) {
  MachineModel machine = of_products();
  const std::vector<RunRecord> records = team_records(read_session(session), machine);
  std::vector<double> alone;
  std::size_t together = 0;
  std::vector<std::string> simulated;
  for (const RunRecord& run : records) {
    const RunAttributes& a = run.attributes;
    if (a.label == "pdadmm-processes=1") {
      BOOST_TEST(a.seed == static_cast<std::int64_t>(alone.size()));
      alone.push_back(run.last("per_iteration(seconds)").value());
    } else if (a.label == "pdadmm-processes=2") {
      BOOST_TEST(near(run.last("per_iteration(seconds)").value(), 0.5));
      ++together;
    } else {
      BOOST_TEST(a.experiment == "team-pdadmm-simulated");
      BOOST_TEST(
          near(run.last("speed_up").value(), simulated_speed_up(machine, "pdadmm", table_two_network(), 20,
                                                                parse_interconnect(a.dataset), false)));
      simulated.push_back(a.dataset);
    }
  }
  BOOST_TEST(alone == (std::vector<double>{0.4, 0.8, 0.7}), boost::test_tools::per_element());
  BOOST_TEST(together == 1U);
  BOOST_TEST(simulated == (std::vector<std::string>{"10GbE", "100GbE"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(claims_about_processes_come_out_either_way) {
  MachineModel machine = of_products();
  const std::vector<RunRecord> records = team_records(read_session(session), machine);
  Check offers = check_of(RuleKind::offers, "team-pdadmm", 2);
  offers.grid = "processes";
  BOOST_TEST((evaluate_check(offers, records).front().outcome == Outcome::holds));
  offers.at_least = 3;
  BOOST_TEST((evaluate_check(offers, records).front().outcome == Outcome::fails));
  for (const double wanted : {1.0, 21.0}) {
    Check simulated = check_of(RuleKind::bound, "team-pdadmm-simulated", wanted);
    simulated.measure = parse_measure("speed_up");
    simulated.over = Over::every;
    const std::vector<ClaimUnit> units = evaluate_check(simulated, records);
    BOOST_TEST(units.size() == 2U);
    for (const ClaimUnit& unit : units)
      BOOST_TEST((unit.outcome == (wanted > 20 ? Outcome::fails : Outcome::holds)));
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_session_is_an_error_with_its_file) {
  for (const std::string text : {"{}", "{\"commit\": 1", "[]"}) {
    BOOST_CHECK_EXCEPTION(read_session(text), std::runtime_error, [](const std::runtime_error& error) {
      return std::string(error.what()).find("team.json") != std::string::npos;
    });
  }
}

BOOST_AUTO_TEST_SUITE_END()
