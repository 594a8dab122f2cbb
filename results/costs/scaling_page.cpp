#include "results/costs/scaling_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <sstream>
#include <utility>

#include "results/costs/scaling_study.hpp"

namespace admmbench {

using namespace scaling_study;

namespace {

const std::vector<double> parameter_counts{1e5, 1e6, 1e7, 1e8, 1e9};
const std::vector<double> wide_parameter_counts{1e6, 1e7, 1e8, 1e9};  ///< of width 1000 and more

/// Three digits and a unit.
std::string with_unit(double value, const std::vector<std::pair<double, std::string>>& units) {
  std::size_t i = 0;
  while (i + 1 < units.size() && value >= 0.9995 * units[i + 1].first) ++i;
  const double scaled = value / units[i].first;
  const int digits = scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}", scaled, digits, units[i].second);
}

std::string duration(double seconds) {
  constexpr double year = 365.25 * 86400;
  return with_unit(
      seconds, {{1e-6, "us"}, {1e-3, "ms"}, {1, "s"}, {60, "min"}, {3600, "h"}, {86400, "d"}, {year, "y"}});
}

std::string bytes_text(double bytes) {
  if (bytes == 0) return "0";
  return with_unit(bytes, {{1, "B"}, {1e3, "kB"}, {1e6, "MB"}, {1e9, "GB"}, {1e12, "TB"}, {1e15, "PB"}});
}

std::string percent(double share) { return fmt::format("{:.3g} %", 100 * share); }

std::string power_of_ten(double value) { return fmt::format("10^{:.0f}", std::log10(value)); }

/// 60000 as "60,000".
std::vector<std::string> timed_methods(const MachineModel& machine) {
  std::vector<std::string> methods;
  for (const auto& entry : machine.per_pass_byte) methods.push_back(entry.first);
  return methods;
}

/// Words in lines of the documentation's width, those after the first one behind `indent`.
std::string filled(const std::string& text, const std::string& indent) {
  constexpr std::size_t columns = 125;
  std::istringstream words(text);
  std::string out;
  std::string line;
  std::string word;
  while (words >> word) {
    if (!line.empty() && line.size() + 1 + word.size() > columns) {
      out += line + '\n';
      line = indent + word;
    } else {
      line += (line.empty() ? "" : " ") + word;
    }
  }
  return out + line + '\n';
}

/// Fills the paragraphs and list items of a page; tables, code, headings and figures stay.
std::string with_filled_paragraphs(const std::string& page) {
  std::istringstream lines(page);
  std::string out;
  std::string paragraph;
  std::string line;
  const auto finish = [&] {
    if (!paragraph.empty()) out += filled(paragraph, paragraph.starts_with("- ") ? "  " : "");
    paragraph.clear();
  };
  while (std::getline(lines, line)) {
    const bool kept =
        line.empty() || line.starts_with("    ") || line[0] == '|' || line[0] == '#' || line[0] == '!';
    if (kept || line.starts_with("- ")) finish();
    if (kept) {
      out += line + '\n';
    } else {
      paragraph += (paragraph.empty() ? "" : " ") + line;
    }
  }
  finish();
  return out;
}

std::string row(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string heading(const std::vector<std::string>& cells) {
  std::string text = row(cells);
  text += '|';
  for (std::size_t i = 0; i < cells.size(); ++i) text += i == 0 ? "---|" : "---:|";
  return text + '\n';
}

/// A row per method, a column per number of parameters.
std::string growth_table(const MachineModel& machine, const std::vector<double>& counts,
                         const NetworkFamily& network,
                         const std::function<std::string(const std::string&, const CostShape&)>& cell) {
  std::vector<std::string> head{"method"};
  for (const double parameters : counts) {
    const CostShape shape = network(parameters);
    head.push_back(
        fmt::format("{} ({} layers of {})", power_of_ten(parameters), shape.layers(), grouped(shape.n(1))));
  }
  std::string text = heading(head);
  for (const std::string& method : timed_methods(machine)) {
    std::vector<std::string> cells{fmt::format("`{}`", method)};
    for (const double parameters : counts)
      cells.push_back(cell(method, with_batch(network(parameters), method)));
    text += row(cells);
  }
  return text;
}

std::string model_section() {
  return R"(## The model
An iteration is a pass over the samples. Its operations, and the bytes that its products and its element-wise passes move, are
the formulas of [performance.md](../performance.md#cost-model), which a test holds against exact counts. Seconds are

    t = F/f + B_p/b_p + k t_k + S/g + Z t_Z + B/b_m

with F operations of matrix products, B_p bytes of their operands and results, k products, S operations of factorisations and
solves, Z entries of z_L-steps (columnwise Newton), B bytes of passes. The rates f, b_p, t_k, g, t_Z are the machine's, the same for
all methods; b_m is the method's own, as passes differ in what they do with a byte: it takes up what the formulas leave out
(Lanczos, trials). All six come from timings by non-negative least squares of relative errors.

Memory is what stays allocated between iterations: data, the method's variables and memory of them, scratch. A test holds it
against the heap to 2 %. Communication:

- `pdadmm`, `pdadmm_g`, `pdadmm_gq` are parallel over layers: a worker has consecutive layers, chosen so that the slowest has
  least to do. In an iteration p_{l+1} goes down, q_l and u_l go up: 3 n_l N entries at each boundary between workers, of which
  `pdadmm_gq` sends p as codes of one byte. This is what `bytes_sent` counts (a test says so).
- All others go through the layers one after the other: what can be shared out without changing the iterates is the samples. A
  worker has N / w of them (gradient methods: B / w of each batch) and all weights; what sums over samples (gradients, biases' means, the
  norms that decide a step length) is added up by ring all-reduce, 2 (w - 1)/w of the entries per worker. `dladmm` adds up
  two gradients of every W_l, the others one; `admm_taylor` also Gram matrices; `gram_tp` and the gradient methods a gradient per batch.

Messages wait for each other and for the computation: nothing overlaps.

)";
}

std::string calibration_section(const Calibration& calibration, const MachineModel& machine) {
  std::string text = fmt::format(
      "## Calibration and its error\n"
      "{} timings of {} methods on {}, {}, {} threads, float32 (revision {}, {}; "
      "`results/timings/scaling.json`).\n\n",
      calibration.timings.size(), machine.per_pass_byte.size(), calibration.cpu, calibration.blas,
      calibration.threads, calibration.commit.substr(0, 7), calibration.date);
  if (!calibration.note.empty()) text += calibration.note + "\n\n";
  const auto rate = [](double per_unit, const std::string& unit) {
    return per_unit > 0 ? fmt::format("{:.3g} {}", 1e-9 / per_unit, unit) : "no time of their own";
  };
  text += heading({"of the machine", "rate"});
  text += row({"products f", rate(machine.per_flop, "GFLOP/s")});
  text += row({"bytes of products b_p", rate(machine.per_product_byte, "GB/s")});
  text += row({"a product, with the passes around it, t_k",
               machine.per_product > 0 ? duration(machine.per_product) : "no time of its own"});
  text += row({"factorisations and solves g", rate(machine.per_solve_flop, "GFLOP/s")});
  text += row({"an entry of the z_L-step t_Z", fmt::format("{:.3g} ns", machine.per_newton_entry * 1e9)});
  text +=
      "\nThe error is |predicted / measured - 1| of a timing that was left out of the fit "
      "(leave-one-out). "
      "Passes have no time of their own where products or factorisations explain all of it.\n\n";
  text += heading({"method", "passes b_m", "timings", "median error", "worst error", "at"});
  for (const auto& [method, error] : leave_one_out(calibration.timings)) {
    text +=
        row({fmt::format("`{}`", method), rate(machine.per_pass_byte.at(method), "GB/s"),
             std::to_string(error.timings), percent(error.median), percent(error.worst), error.worst_shape});
  }
  constexpr double share = 0.3;
  const Extrapolation beyond = extrapolate(calibration.timings, share);
  text += fmt::format(
      "\nBeyond what was seen: fitted to the smaller {} of the timings (iterations of at most {:.3g} GFLOP), "
      "the model predicts "
      "the {} larger ones\n(up to {:.3g} GFLOP) with a median error of {}, at worst {} ({}). What follows "
      "goes much further than that.\n\n",
      percent(1 - share), beyond.seen_flops * 1e-9, beyond.error.timings, beyond.predicted_flops * 1e-9,
      percent(beyond.error.median), percent(beyond.error.worst), beyond.error.worst_shape);
  return text;
}

std::string figure_link(const ScalingFigure& figure, const std::string& folder) {
  return fmt::format("![{}]({}/{}.svg)\n\n", figure.caption, folder, figure.name);
}

std::string growth_section(const MachineModel& machine, const std::vector<ScalingFigure>& figures,
                           const std::string& folder) {
  std::string text =
      "## Growth with the parameters\nNetworks 784-n-...-n-10 on one machine as above, if it had the memory; "
      "gradient "
      "methods and `gram_tp` in batches of 128.\n\n";
  const auto time = [&](const std::string& method, const CostShape& shape) {
    return duration(predicted_seconds(machine, method, shape));
  };
  const auto memory = [](const std::string& method, const CostShape& shape) {
    return bytes_text(memory_cost(method, shape).total());
  };
  for (const double samples : {some_samples, many_samples}) {
    const auto network = [samples](double parameters) {
      return network_of_depth(depth, parameters, samples);
    };
    text += fmt::format("### Depth {:.0f}, {} samples\nSeconds per iteration:\n\n", depth, grouped(samples));
    text += growth_table(machine, parameter_counts, network, time) + "\nMemory:\n\n" +
            growth_table(machine, parameter_counts, network, memory) + '\n';
  }
  const auto network = [](double parameters) { return network_of_width(width, parameters, some_samples); };
  text += fmt::format("### Width {:.0f}, {} samples\nSeconds per iteration (two layers at least):\n\n", width,
                      grouped(some_samples));
  text += growth_table(machine, wide_parameter_counts, network, time) + '\n';
  for (const ScalingFigure& figure : figures) {
    if (figure.name != "speed-up") text += figure_link(figure, folder);
  }
  return text;
}

std::string communication_section(const MachineModel& machine) {
  std::string text = fmt::format(
      "## Communication\nWhat the worker that sends most sends in an iteration, ten workers, depth {:.0f}: "
      "over layers a function "
      "of samples\nand width, over samples of the weights (and of the batches: a gradient method sends them "
      "once per batch).\n\n",
      depth);
  std::vector<std::string> head{"method"};
  for (const double samples : {some_samples, many_samples}) {
    for (const double parameters : {1e7, billion})
      head.push_back(fmt::format("{} parameters, {} samples", power_of_ten(parameters), grouped(samples)));
  }
  text += heading(head);
  for (const std::string& method : timed_methods(machine)) {
    std::vector<std::string> cells{fmt::format("`{}`", method)};
    for (const double samples : {some_samples, many_samples}) {
      for (const double parameters : {1e7, billion}) {
        const CostShape shape = with_batch(network_of_depth(depth, parameters, samples), method);
        cells.push_back(
            bytes_text(parallel_cost(machine, method, shape, 10, interconnects().front()).sent.bytes));
      }
    }
    text += row(cells);
  }
  return text + '\n';
}

std::string speed_up_section(const MachineModel& machine, const std::vector<ScalingFigure>& figures,
                             const std::string& folder) {
  const CostShape shape = deep_network();
  std::string text = fmt::format(
      "## Speed-up\n{} layers of {} on {} samples, workers of this machine's speed each; networks: ",
      shape.layers(), grouped(shape.n(1)), grouped(shape.samples));
  std::vector<std::string> networks;
  for (const Interconnect& network : interconnects())
    networks.push_back(fmt::format("{} ({}, {:.3g} GB/s)", network.name, duration(network.latency),
                                   network.bandwidth * 1e-9));
  text += fmt::format(
      "{}.\nShared memory moves a message once, and every worker is supposed to keep its own bandwidth.\n\n",
      fmt::join(networks, ", "));
  std::vector<std::string> head{"method, network"};
  for (const double workers : worker_counts) head.push_back(fmt::format("{:.0f}", workers));
  text += heading(head);
  for (const SpeedUpCase& which : speed_up_cases(machine)) {
    std::vector<std::string> cells{which.label()};
    CostShape of = shape;
    of.batch = which.batch;
    for (const double workers : worker_counts)
      cells.push_back(fmt::format("{:.3g}", speed_up(machine, which.method, of, workers, which.network)));
    text += row(cells);
  }
  text += '\n';
  for (const ScalingFigure& figure : figures) {
    if (figure.name == "speed-up") text += figure_link(figure, folder);
  }
  return text;
}

std::string billion_section(const Calibration& calibration, const MachineModel& machine) {
  const CostShape shape = network_of_depth(depth, billion, some_samples);
  CostShape more = shape;
  more.samples = many_samples;
  constexpr double cores = 64;
  const double node = cores / static_cast<double>(calibration.threads);
  const Interconnect& network = interconnects()[1];
  const double matrix = shape.entry_bytes * shape.M(1);
  std::string text = fmt::format(
      "## What 10^9 parameters would take\n{} layers of {}. One matrix of the size of z_l has {} with {} "
      "samples and {} with {}: full-batch "
      "methods keep several of\nthem for every layer, methods with batches none. ",
      shape.layers(), grouped(shape.n(1)), bytes_text(matrix), grouped(shape.samples),
      bytes_text(shape.entry_bytes * more.M(1)), grouped(more.samples));
  text += fmt::format(
      "The last columns suppose {:.0f} workers on {}, each {:.3g} times as fast as this machine (a node of "
      "{:.0f} cores, if rates and\n"
      "bandwidth grow with the cores; pdADMM has work for {:.0f} of them).\n\n",
      sample_workers, network.name, node, cores, depth);
  for (const CostShape& of : {shape, more}) {
    text += fmt::format("With {} samples, one iteration:\n\n", grouped(of.samples));
    text += heading({"method", "operations", "this machine", "memory, one node",
                     fmt::format("memory, of {:.0f}", sample_workers), "computing", "sending"});
    for (const std::string& method : timed_methods(machine)) {
      const CostShape batched = with_batch(of, method);
      const ParallelCost parallel = parallel_cost(machine, method, batched, sample_workers, network);
      text += row({fmt::format("`{}`", method),
                   fmt::format("{:.3g} PFLOP", iteration_cost(method, batched).flops() * 1e-15),
                   duration(predicted_seconds(machine, method, batched)),
                   bytes_text(memory_cost(method, batched).total()), bytes_text(parallel.memory),
                   duration(parallel.compute / node), duration(parallel.communication)});
    }
    text += '\n';
  }
  text += "So:\n\n";
  if (machine.per_pass_byte.contains("dladmm") && machine.per_pass_byte.contains("adam")) {
    const CostShape adams = with_batch(shape, "adam");
    text += fmt::format(
        "- Memory decides first. At {} samples `dladmm` holds {} against {} of `adam`, at {} samples {} "
        "against {}; the weights\n"
        "  themselves are {}.\n",
        grouped(shape.samples), bytes_text(memory_cost("dladmm", shape).total()),
        bytes_text(memory_cost("adam", adams).total()), grouped(more.samples),
        bytes_text(memory_cost("dladmm", more).total()),
        bytes_text(memory_cost("adam", with_batch(more, "adam")).total()),
        bytes_text(shape.entry_bytes * shape.parameters()));
    text += fmt::format(
        "- An iteration of `dladmm` costs {:.3g} times the operations of `adam`'s pass. No method here has a "
        "lower "
        "order than back-propagation: all are linear in samples and weights. 100 iterations of `dladmm` on "
        "this machine are {} "
        "({} samples).\n",
        iteration_cost("dladmm", shape).flops() / iteration_cost("adam", adams).flops(),
        duration(100 * predicted_seconds(machine, "dladmm", shape)), grouped(shape.samples));
  }
  if (machine.per_pass_byte.contains("admm_taylor")) {
    const auto flops = [&](double samples) {
      CostShape of = shape;
      of.samples = samples;
      return iteration_cost("admm_taylor", of).flops();
    };
    const auto share = [&](double samples) { return percent(flops(0) / flops(samples)); };
    const double n = shape.n(1);
    text += fmt::format(
        "- What Taylor's ADMM does whatever the number of samples (W^T W and its Cholesky factor, cubic in "
        "the width n) "
        "is {} of its operations at N = n/10, {} at N = n, {} at {} samples and {} at {}. Every worker over "
        "samples repeats "
        "it ({:.3g} PFLOP).\n",
        share(n / 10), share(n), share(shape.samples), grouped(shape.samples), share(more.samples),
        grouped(more.samples), flops(0) * 1e-15);
  }
  if (machine.per_pass_byte.contains("pdadmm")) {
    const ParallelCost layers = parallel_cost(machine, "pdadmm", shape, depth, network);
    const InterfaceBytes interface = method_cost("pdadmm", shape).layers.front().above;
    const CostShape adams = with_batch(shape, "adam");
    text += fmt::format(
        "- Parallelism over layers ends at one layer per worker: {:.0f} workers, each with {}; an interface "
        "moves {} per iteration, "
        "independent\n  of the weights.",
        layers.workers, bytes_text(layers.memory), bytes_text(interface.down + interface.up));
    if (machine.per_pass_byte.contains("adam"))
      text += fmt::format(
          " `adam` on {:.0f} workers sends {} per worker and pass in batches of 128: its batches would have "
          "to grow with the network.",
          sample_workers,
          bytes_text(parallel_cost(machine, "adam", adams, sample_workers, network).sent.bytes));
    text += '\n';
  }
  return text + '\n';
}

std::string left_out_section() {
  return R"(## What the model leaves out
- How many iterations a method needs: this is the price of one, not of a target. A pass in batches is not worth the same as a
  full-batch iteration.
- Memory that is too small: no paging, no recomputation, no mixed precision, no sharded weights or optimiser states.
- Overlap of computation and communication, contention on the network, stragglers; on shared memory the bandwidth that workers
  share.
- Caches: one rate of passes per method, whether a matrix is in cache or not. Processors with other ratios of operations to bandwidth.
- Trials, restarts and inner iterations beyond what the timings had on average; `admm_taylor` for N < n_l and its eigendecompositions.
- Splitting single products over nodes (tensor parallelism), which all methods could use alike.
)";
}

}  // namespace

std::string scaling_page(const Calibration& calibration, const std::string& folder) {
  const MachineModel machine = fit_machine(calibration.timings);
  const std::vector<ScalingFigure> figures = scaling_figures(machine);
  const std::string introduction =
      "# Scaling\nWhat an iteration of each method would take at sizes that nobody runs here: a model of "
      "computation, memory "
      "and communication, calibrated and checked on this machine. `admmbench scaling -o "
      "docs/measured/scaling.md` "
      "writes this page "
      "from `results/timings/scaling.json`; `make scaling` measures anew first, and draws the figures. "
      "`admmbench scaling "
      "784-1000-1000-10x60000 --workers 4` answers for one shape.\n\n";
  return with_filled_paragraphs(introduction + model_section() + calibration_section(calibration, machine) +
                                growth_section(machine, figures, folder) + communication_section(machine) +
                                speed_up_section(machine, figures, folder) +
                                billion_section(calibration, machine) + left_out_section());
}

std::string scaling_table(const MachineModel& machine, const CostShape& shape, double workers,
                          const Interconnect& network) {
  std::string text = heading(
      {"method", "operations", "memory per worker", "computing", "sent per worker", "sending", "iteration"});
  for (const std::string& method : timed_methods(machine)) {
    CostShape of = shape;
    if (!has_batches(method)) of.batch = 0;
    const ParallelCost cost = parallel_cost(machine, method, of, workers, network);
    text += row(
        {fmt::format("`{}`", method), fmt::format("{:.3g} GFLOP", iteration_cost(method, of).flops() * 1e-9),
         bytes_text(workers > 1 ? cost.memory : memory_cost(method, of).total()), duration(cost.compute),
         bytes_text(cost.sent.bytes), duration(cost.communication), duration(cost.seconds())});
  }
  return text;
}

}  // namespace admmbench
