/// Rates are found again in timings that were made of them; errors are what was left out; workers are given what the model says.

#include "results/costs/time_model.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>

#include "core/io/csv.hpp"
#include "results/costs/scaling_page.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(time_model_test)

namespace {

MachineModel known_machine() {
  MachineModel machine{1e-11, 1e-10, 2e-6, 3e-11, 5e-8, {}};
  machine.per_pass_byte = {{"dladmm", 1e-10}, {"adam", 2e-10}, {"admm_taylor", 3e-10}, {"pdadmm", 0}};
  return machine;
}

/// What `machine` takes for twelve shapes, `noise` off by turns.
std::vector<IterationTiming> timings_of(const MachineModel& machine, double noise = 0) {
  std::vector<IterationTiming> timings;
  double sign = 1;
  for (const std::string text :
       {"784-64-64-10x2000", "784-256-256-10x2000", "784-256-256-10x10000", "784-1000-1000-10x2000",
        "784-1000-1000-10x8000", "64-32-32-10x40000", "100-100-100-100-10x4000", "64-1500-1500-10x1600",
        "300-700-700-700-10x5000", "20-30-40-50x600"}) {
    for (const auto& entry : machine.per_pass_byte) {
      CostShape shape = parse_shape(text);
      if (has_batches(entry.first)) shape.batch = 128;
      timings.push_back(
          {entry.first, shape, predicted_seconds(machine, entry.first, shape) * (1 + sign * noise)});
      sign = -sign;
    }
  }
  return timings;
}

bool close(double found, double expected, double tolerance) {
  return std::abs(found - expected) <= tolerance * std::abs(expected);
}

}  // namespace

BOOST_AUTO_TEST_CASE(rates_are_found_again) {
  const MachineModel machine = known_machine();
  const MachineModel found = fit_machine(timings_of(machine));
  constexpr double tolerance = 1e-4;
  BOOST_TEST(close(found.per_flop, machine.per_flop, tolerance));
  BOOST_TEST(close(found.per_product_byte, machine.per_product_byte, tolerance));
  BOOST_TEST(close(found.per_product, machine.per_product, tolerance));
  BOOST_TEST(close(found.per_solve_flop, machine.per_solve_flop, tolerance));
  BOOST_TEST(close(found.per_newton_entry, machine.per_newton_entry, tolerance));
  BOOST_TEST(close(found.per_pass_byte.at("adam"), 2e-10, tolerance));
  BOOST_TEST(found.per_pass_byte.at("pdadmm") < 1e-14);  // nothing there, and not less than nothing
}

BOOST_AUTO_TEST_CASE(no_rate_is_negative) {
  // Less than the products need: the passes would have to take time back.
  std::vector<IterationTiming> timings = timings_of(known_machine());
  for (IterationTiming& timing : timings) {
    if (timing.method == "dladmm") timing.seconds *= 0.5;
  }
  const MachineModel found = fit_machine(timings);
  for (const double rate : {found.per_flop, found.per_product_byte, found.per_product, found.per_solve_flop,
                            found.per_newton_entry, found.per_pass_byte.at("dladmm")})
    BOOST_TEST(rate >= 0);
  BOOST_CHECK_THROW(fit_machine({}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_error_is_that_of_what_was_left_out) {
  for (const auto& [method, error] : leave_one_out(timings_of(known_machine()))) {
    BOOST_TEST(error.timings == 10U);
    BOOST_TEST(error.worst < 1e-3, method << " " << error.worst);
  }
  // One timing that is wrong by a factor of 3 is predicted as if it were not there.
  std::vector<IterationTiming> timings = timings_of(known_machine());
  BOOST_REQUIRE(timings[4].method == "adam");
  timings[4].seconds *= 3;
  const ModelError adam = leave_one_out(timings).at("adam");
  BOOST_TEST(close(adam.worst, 2.0 / 3, 1e-2));
  BOOST_TEST(adam.worst_shape == to_string(timings[4].shape));
  // A law that is not the model's shows: the control.
  std::vector<IterationTiming> other = timings_of(known_machine());
  for (IterationTiming& timing : other) timing.seconds = std::pow(timing.seconds, 1.5);
  BOOST_TEST(leave_one_out(other).at("dladmm").worst > 0.2);
}

BOOST_AUTO_TEST_CASE(the_largest_are_predicted_from_the_others) {
  const Extrapolation exact = extrapolate(timings_of(known_machine()), 0.25);
  BOOST_TEST(exact.error.timings == 10U);
  BOOST_TEST(exact.error.worst < 1e-2);
  BOOST_TEST(exact.predicted_flops > exact.seen_flops);
  std::vector<IterationTiming> slower = timings_of(known_machine());
  for (IterationTiming& timing : slower) {
    if (iteration_cost(timing.method, timing.shape).flops() > exact.seen_flops) timing.seconds *= 2;
  }
  BOOST_TEST(close(extrapolate(slower, 0.25).error.median, 0.5, 0.05));
}

BOOST_AUTO_TEST_CASE(a_calibration_is_written_and_read) {
  const TemporaryFolder folder;
  Calibration calibration{
      "abc", "2026-01-01", "a processor", "a BLAS 1.2", 2, "of a test", timings_of(known_machine())};
  write_text_file(folder.path() / "ours.json", calibration_json(calibration));
  const Calibration read = read_calibration(folder.path() / "ours.json");
  BOOST_TEST(read.cpu == calibration.cpu);
  BOOST_TEST(read.note == calibration.note);
  BOOST_TEST(read.threads == 2);
  BOOST_REQUIRE(read.timings.size() == calibration.timings.size());
  for (std::size_t i = 0; i < read.timings.size(); ++i) {
    BOOST_TEST(read.timings[i].method == calibration.timings[i].method);
    BOOST_TEST(to_string(read.timings[i].shape) == to_string(calibration.timings[i].shape));
    BOOST_TEST(close(read.timings[i].seconds, calibration.timings[i].seconds, 1e-3));
  }
  BOOST_TEST(calibration_json(read) == calibration_json(calibration));
}

BOOST_AUTO_TEST_CASE(benchmarks_are_read) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "bench.json";
  const std::string context =
      R"json({"context": {"date": "2026-01-02T03:04:05+00:00", "cpu": "a processor", "threads": "2", "git_commit": "abc",
      "blas": "OpenBLAS 0.3.21 NO_LAPACKE (/usr/lib/x)"}, "benchmarks": )json";
  write_text_file(file, context + R"json([
      {"name": "scaling/adam/20-30-4x500-batch-128/iterations:3/manual_time", "median_seconds": 2.5e-01},
      {"name": "iteration/adam/smoke/manual_time", "real_time": 1}]})json");
  const Calibration read = read_calibration(file);
  BOOST_REQUIRE(read.timings.size() == 1U);
  BOOST_TEST(read.timings[0].method == "adam");
  BOOST_TEST(to_string(read.timings[0].shape) == "20-30-4x500-batch-128");
  BOOST_TEST(read.timings[0].seconds == 0.25);
  BOOST_TEST(read.blas == "OpenBLAS 0.3.21");
  BOOST_TEST(read.date == "2026-01-02");
  for (const std::string& text : {std::string(), std::string("{}"), std::string("[1"), context + "[]}"}) {
    write_text_file(file, text);
    BOOST_CHECK_THROW(read_calibration(file), std::runtime_error);
  }
}

BOOST_AUTO_TEST_CASE(one_worker_is_the_machine) {
  const MachineModel machine = known_machine();
  const CostShape shape = parse_shape("784-100-100-100-10x6000");
  for (const std::string method : {"pdadmm", "dladmm"}) {
    const ParallelCost alone = parallel_cost(machine, method, shape, 1, interconnects().front());
    BOOST_TEST(close(alone.seconds(), predicted_seconds(machine, method, shape), 1e-9));
    BOOST_TEST(alone.sent.bytes == 0);
  }
  BOOST_CHECK_THROW(parallel_cost(machine, "pdadmm", shape, 0, interconnects().front()),
                    std::invalid_argument);
}

/// Six equal layers between two small ones: as many workers as layers at most, the slowest never faster than a layer.
BOOST_AUTO_TEST_CASE(layers_are_shared_out) {
  const MachineModel machine = known_machine();
  const CostShape shape = parse_shape("100-100-100-100-100-100-100-100-10x5000");
  const Interconnect network{"fast", 0, 1e30};
  double before = 1e300;
  for (const double workers : {1., 2., 4., 8., 100.}) {
    const ParallelCost cost = parallel_cost(machine, "pdadmm", shape, workers, network);
    BOOST_TEST(cost.workers <= std::min(workers, 8.));
    BOOST_TEST(cost.compute <= before);
    before = cost.compute;
  }
  double slowest = 0;
  for (const LayerCost& layer : method_cost("pdadmm", shape).layers)
    slowest = std::max(slowest, predicted_seconds(machine, "pdadmm", layer.iteration, shape.entry_bytes));
  BOOST_TEST(close(before, slowest, 1e-9));
  // Between two workers one p goes down and one q up: 5000 x 100 entries each, at different times.
  const ParallelCost two = parallel_cost(machine, "pdadmm", shape, 2, {"slow", 1e-3, 1e6});
  BOOST_TEST(close(two.sent.bytes, 4 * 5000. * 100, 1e-9));
  BOOST_TEST(two.communication > 0.5 * 2 * 4 * 5000 * 100 / 1e6);
}

BOOST_AUTO_TEST_CASE(samples_are_shared_out) {
  const MachineModel machine = known_machine();
  const CostShape shape = parse_shape("20-100-100-10x8000");
  const Interconnect network{"slow", 1e-3, 1e6};
  const ParallelCost four = parallel_cost(machine, "dladmm", shape, 4, network);
  BOOST_TEST(four.compute > predicted_seconds(machine, "dladmm", shape) / 4);  // passes over weights stay
  BOOST_TEST(four.compute < predicted_seconds(machine, "dladmm", shape) / 2);
  const double weights = 2 * shape.parameters() - shape.w(1);
  BOOST_TEST(close(four.sent.bytes, 2 * 0.75 * 4 * weights, 1e-9));
  BOOST_TEST(four.communication > four.sent.bytes / 1e6);
}

BOOST_AUTO_TEST_CASE(networks_are_read) {
  BOOST_TEST(parse_interconnect("100GbE").bandwidth == 12.5e9);
  BOOST_TEST(parse_interconnect("1e-6,2e9").latency == 1e-6);
  BOOST_TEST(parse_interconnect("1e-6,2e9").bandwidth == 2e9);
  for (const std::string text : {"", "fast", "1,", ",1", "1,0", "-1,2", "1,2x", "1x,2"})
    BOOST_CHECK_THROW(parse_interconnect(text), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(networks_have_the_parameters_asked_for) {
  for (const double parameters : {1e5, 1e7, 1e9}) {
    const CostShape deep = network_of_depth(10, parameters, 1000);
    BOOST_TEST(deep.layers() == 10U);
    BOOST_TEST(close(deep.parameters(), parameters, 0.02));
  }
  BOOST_TEST(close(network_of_width(1000, 1e9, 1000).parameters(), 1e9, 0.01));
  BOOST_TEST(network_of_width(1000, 1, 1000).layers() == 2U);
}

BOOST_AUTO_TEST_CASE(tables_and_figures_follow_from_the_calibration) {
  const Calibration calibration{
      "abc", "2026-01-01", "a processor", "a BLAS 1.2", 2, "", timings_of(known_machine())};
  for (const std::string& part : scaling_parts()) {
    const std::string table = scaling_part(part, calibration);
    BOOST_TEST(table == scaling_part(part, calibration));
    BOOST_TEST(table.find("\n|---|") != std::string::npos, part);
    BOOST_TEST(table.ends_with("|\n"), part);
  }
  BOOST_CHECK_THROW(scaling_part("nothing", calibration), std::invalid_argument);
  BOOST_TEST(scaling_part("machine", calibration).find("| products f | 100 GFLOP/s |") != std::string::npos);
  Calibration slower = calibration;
  for (IterationTiming& timing : slower.timings) timing.seconds *= 2;
  BOOST_TEST(scaling_part("machine", slower).find("| products f | 50 GFLOP/s |") != std::string::npos);
  for (const ScalingFigure& figure : scaling_figures(fit_machine(calibration.timings))) {
    const std::string script =
        gnuplot_script(figure.panels, figure_shape(figure.panels, figure.options), "figure.svg");
    BOOST_TEST(script.find(" '" + figure.options.x_label + "' at ") != std::string::npos);
    BOOST_TEST(script.find(" '" + figure.options.y_label + "' at ") != std::string::npos);
  }
  const std::string table = scaling_table(fit_machine(calibration.timings), parse_shape("784-100-10x6000"), 2,
                                          interconnects().front());
  BOOST_TEST(table.find("`dladmm`") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
