#include "results/costs/time_model.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <set>
#include <stdexcept>

#include "core/io/csv.hpp"
#include "core/io/yaml_text.hpp"

namespace admmbench {

namespace {

constexpr std::size_t shared_rates = 5;

/// Units of cost, in the order of MachineModel's members; the last is the method's own.
std::vector<double> units(const IterationCost& cost, double entry_bytes) {
  return {cost.product_flops,  entry_bytes * cost.product_entries,
          cost.products,       cost.solve_flops,
          cost.newton_entries, entry_bytes * cost.pass_entries + cost.code_bytes};
}

using Matrix = std::vector<std::vector<double>>;

/// Solves A x = b for symmetric positive definite A, by Gaussian elimination with pivoting. By hand: the page must not depend
/// on a LAPACK's last bits.
std::vector<double> solve(Matrix A, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i) {
      if (std::abs(A[i][k]) > std::abs(A[pivot][k])) pivot = i;
    }
    std::swap(A[k], A[pivot]);
    std::swap(b[k], b[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = A[i][k] / A[k][k];
      for (std::size_t j = k; j < n; ++j) A[i][j] -= factor * A[k][j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= A[k][j] * b[j];
    b[k] /= A[k][k];
  }
  return b;
}

/// argmin ||X r - 1|| with r >= 0 for the rows of X: Lawson and Hanson's active sets (Solving Least Squares Problems, 1974,
/// chapter 23), on the normal equations of columns of length one.
std::vector<double> nonnegative_rates(Matrix X) {
  const std::size_t n = X.front().size();
  std::vector<double> length(n, 0.0);
  for (const auto& row : X) {
    for (std::size_t j = 0; j < n; ++j) length[j] += row[j] * row[j];
  }
  for (double& value : length) value = value > 0 ? std::sqrt(value) : 1;
  for (auto& row : X) {
    for (std::size_t j = 0; j < n; ++j) row[j] /= length[j];
  }
  Matrix G(n, std::vector<double>(n, 0.0));
  std::vector<double> c(n, 0.0);
  for (const auto& row : X) {
    for (std::size_t i = 0; i < n; ++i) {
      c[i] += row[i];
      for (std::size_t j = 0; j < n; ++j) G[i][j] += row[i] * row[j];
    }
  }
  constexpr double ridge = 1e-9;  // of a column: two that are nearly the same do not blow up
  for (std::size_t i = 0; i < n; ++i) G[i][i] += ridge;

  std::vector<double> r(n, 0.0);
  std::vector<bool> positive(n, false);
  const auto gradient = [&](std::size_t i) {
    double g = c[i];
    for (std::size_t j = 0; j < n; ++j) g -= G[i][j] * r[j];
    return g;
  };
  for (std::size_t round = 0; round < 10 * n; ++round) {
    std::size_t best = n;
    double steepest = 1e-10;
    for (std::size_t i = 0; i < n; ++i) {
      if (!positive[i] && gradient(i) > steepest) {
        steepest = gradient(i);
        best = i;
      }
    }
    if (best == n) break;
    positive[best] = true;
    while (true) {
      std::vector<std::size_t> active;
      for (std::size_t i = 0; i < n; ++i) {
        if (positive[i]) active.push_back(i);
      }
      Matrix A;
      std::vector<double> b;
      for (const std::size_t i : active) {
        A.emplace_back();
        for (const std::size_t j : active) A.back().push_back(G[i][j]);
        b.push_back(c[i]);
      }
      const std::vector<double> s = solve(A, b);
      double step = 1;
      for (std::size_t k = 0; k < active.size(); ++k) {
        const double now = r[active[k]];
        if (s[k] <= 0) step = std::min(step, now / (now - s[k]));
      }
      for (std::size_t k = 0; k < active.size(); ++k) {
        double& value = r[active[k]];
        value += step * (s[k] - value);
        if (step < 1 && value <= 1e-14) {
          value = 0;
          positive[active[k]] = false;
        }
      }
      if (step == 1) break;
    }
  }
  for (std::size_t i = 0; i < n; ++i) r[i] /= length[i];
  return r;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

double flops_of(const IterationTiming& timing) { return iteration_cost(timing.method, timing.shape).flops(); }

/// Errors of `unseen` under a machine that has not seen it.
ModelError errors_of(const MachineModel& machine, const std::vector<IterationTiming>& unseen) {
  ModelError result;
  std::vector<double> errors;
  for (const IterationTiming& timing : unseen) {
    const double error =
        std::abs(predicted_seconds(machine, timing.method, timing.shape) / timing.seconds - 1);
    errors.push_back(error);
    if (error >= result.worst) {
      result.worst = error;
      result.worst_shape = to_string(timing.shape);
    }
  }
  result.timings = errors.size();
  result.median = median(errors);
  return result;
}

[[noreturn]] void bad(const std::filesystem::path& file, const std::string& what) {
  throw std::runtime_error(fmt::format("{}: {}", file.string(), what));
}

/// Name and version of a BLAS, without its build options and path.
std::string first_words(const std::string& text, int words) {
  std::size_t end = 0;
  for (int i = 0; i < words && end != std::string::npos; ++i) end = text.find(' ', end + (i > 0 ? 1 : 0));
  return text.substr(0, end);
}

/// "scaling/METHOD/SHAPE/iterations:3/manual_time" of Google Benchmark.
void add_benchmark(const YAML::Node& entry, Calibration& calibration) {
  const auto name = entry["name"].as<std::string>();
  const std::string group = "scaling/";
  if (!name.starts_with(group)) return;
  const std::size_t method_end = name.find('/', group.size());
  const std::size_t shape_end = name.find('/', method_end + 1);
  calibration.timings.push_back({name.substr(group.size(), method_end - group.size()),
                                 parse_shape(name.substr(method_end + 1, shape_end - method_end - 1)),
                                 entry["median_seconds"].as<double>()});
}

/// The most that one of at most `groups` runs of neighbours adds up to, at least.
double smallest_maximum(const std::vector<double>& values, std::size_t groups) {
  const auto needed = [&](double limit) {
    std::size_t count = 1;
    double total = 0;
    for (const double value : values) {
      if (total + value > limit) {
        ++count;
        total = 0;
      }
      total += value;
    }
    return count;
  };
  double low = *std::max_element(values.begin(), values.end());
  double high = std::accumulate(values.begin(), values.end(), 0.0);
  if (needed(low) <= groups) return low;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (needed(middle) <= groups ? high : low) = middle;
  }
  return high;
}

/// First layers (from 0) of the groups whose sums stay within `limit`.
std::vector<std::size_t> cut(const std::vector<double>& values, double limit) {
  std::vector<std::size_t> first{0};
  double total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (total + values[i] > limit * (1 + 1e-12) && i > first.back()) {
      first.push_back(i);
      total = 0;
    }
    total += values[i];
  }
  return first;
}

ParallelCost over_layers(const MachineModel& machine, const std::string& method, const CostShape& shape,
                         const std::vector<LayerCost>& layers, double workers, const Interconnect& network) {
  const std::size_t L = layers.size();
  const std::size_t most = std::min(static_cast<std::size_t>(workers), L);
  std::vector<double> seconds;
  std::vector<double> memory;
  for (const LayerCost& layer : layers) {
    seconds.push_back(predicted_seconds(machine, method, layer.iteration, shape.entry_bytes));
    memory.push_back(layer.memory);
  }
  std::vector<std::size_t> first = cut(seconds, smallest_maximum(seconds, most));
  ParallelCost result;
  result.workers = static_cast<double>(first.size());
  first.push_back(L);
  for (std::size_t g = 0; g + 1 < first.size(); ++g) {
    const auto from = static_cast<std::ptrdiff_t>(first[g]);
    const auto to = static_cast<std::ptrdiff_t>(first[g + 1]);
    result.compute =
        std::max(result.compute, std::accumulate(seconds.begin() + from, seconds.begin() + to, 0.0));
    result.memory = std::max(result.memory, std::accumulate(memory.begin() + from, memory.begin() + to, 0.0));
    // Down: the p of its first layer; up: the q of its last one, from which the receiver computes u. Both ways at once, one after the
    // other in time.
    Messages sent;
    double waiting = 0;
    if (g > 0) {
      const double down = layers[first[g] - 1].above.down;
      sent.bytes += down;
      sent.count += 1;
      waiting = std::max(waiting, down / network.bandwidth + network.latency);
    }
    double up_waiting = 0;
    if (g + 2 < first.size()) {
      const double up = layers[first[g + 1] - 1].above.up;
      sent.bytes += up;
      sent.count += 1;
      up_waiting = up / network.bandwidth + network.latency;
    }
    if (sent.bytes > result.sent.bytes) result.sent = sent;
    result.communication = std::max(result.communication, waiting + up_waiting);
  }
  return result;
}

ParallelCost over_samples(const MachineModel& machine, const std::string& method, const CostShape& shape,
                          const Reductions& reductions, double workers, const Interconnect& network) {
  CostShape share = shape;
  ParallelCost result;
  result.workers = std::min(workers, shape.batch_size());
  share.samples /= result.workers;
  share.batch /= result.workers;
  CostOptions options;
  options.span = false;
  const MethodCost cost = method_cost(method, share, options);
  result.compute = predicted_seconds(machine, method, cost.iteration, share.entry_bytes);
  result.memory = cost.memory.total();
  result.sent = ring_all_reduce(reductions, shape.entry_bytes, result.workers);
  result.communication = result.sent.bytes / network.bandwidth + result.sent.count * network.latency;
  return result;
}

}  // namespace

Calibration read_calibration(const std::filesystem::path& file) {
  Calibration calibration;
  try {
    const YAML::Node root = load_yaml(read_text_file(file));
    const bool ours = root["timings"].IsDefined();
    const YAML::Node machine = ours ? root["machine"] : root["context"];
    calibration.cpu = machine["cpu"].as<std::string>();
    calibration.blas = machine["blas"].as<std::string>();
    if (!ours) calibration.blas = first_words(calibration.blas, 2);
    calibration.threads = machine["threads"].as<long>();
    if (ours && root["note"].IsDefined()) calibration.note = root["note"].as<std::string>();
    calibration.commit = ours ? root["commit"].as<std::string>() : machine["git_commit"].as<std::string>();
    calibration.date =
        ours ? root["date"].as<std::string>() : machine["date"].as<std::string>().substr(0, 10);
    if (ours) {
      for (const YAML::Node& entry : root["timings"]) {
        calibration.timings.push_back({entry["method"].as<std::string>(),
                                       parse_shape(entry["shape"].as<std::string>()),
                                       entry["seconds"].as<double>()});
      }
    } else {
      for (const YAML::Node& entry : root["benchmarks"]) add_benchmark(entry, calibration);
    }
  } catch (const YAML::Exception& error) {
    bad(file, fmt::format("no calibration: {}", error.what()));
  } catch (const std::invalid_argument& error) {
    bad(file, error.what());
  }
  if (calibration.timings.empty())
    bad(file, "no timing of an iteration; `tools/timings/bench --scaling` makes them");
  for (const IterationTiming& timing : calibration.timings) {
    const std::vector<std::string> known = modelled_methods();
    if (std::find(known.begin(), known.end(), timing.method) == known.end() || !(timing.seconds > 0))
      bad(file,
          fmt::format("not a timing: {}, {}, {} s", timing.method, to_string(timing.shape), timing.seconds));
  }
  return calibration;
}

std::string calibration_json(const Calibration& calibration) {
  std::string text =
      fmt::format("{{\"commit\": \"{}\", \"date\": \"{}\",\n", calibration.commit, calibration.date);
  if (!calibration.note.empty()) text += fmt::format(" \"note\": \"{}\",\n", calibration.note);
  text +=
      fmt::format(" \"machine\": {{\"cpu\": \"{}\", \"blas\": \"{}\", \"threads\": {}}},\n \"timings\": [\n",
                  calibration.cpu, calibration.blas, calibration.threads);
  for (std::size_t i = 0; i < calibration.timings.size(); ++i) {
    const IterationTiming& timing = calibration.timings[i];
    text +=
        fmt::format("  {{\"method\": \"{}\", \"shape\": \"{}\", \"seconds\": {:.4g}}}{}\n", timing.method,
                    to_string(timing.shape), timing.seconds, i + 1 < calibration.timings.size() ? "," : "");
  }
  return text + " ]}\n";
}

MachineModel fit_machine(const std::vector<IterationTiming>& timings) {
  if (timings.empty()) throw std::invalid_argument("a machine cannot be fitted to no timings");
  std::map<std::string, std::size_t> place;
  for (const IterationTiming& timing : timings) place.try_emplace(timing.method, 0);
  std::size_t next = shared_rates;
  for (auto& entry : place) entry.second = next++;
  Matrix rows;
  for (const IterationTiming& timing : timings) {
    const std::vector<double> cost =
        units(iteration_cost(timing.method, timing.shape), timing.shape.entry_bytes);
    std::vector<double> row(next, 0.0);
    for (std::size_t i = 0; i < shared_rates; ++i) row[i] = cost[i] / timing.seconds;
    row[place[timing.method]] = cost[shared_rates] / timing.seconds;
    rows.push_back(std::move(row));
  }
  const std::vector<double> rates = nonnegative_rates(std::move(rows));
  MachineModel machine{rates[0], rates[1], rates[2], rates[3], rates[4], {}};
  for (const auto& [method, column] : place) machine.per_pass_byte[method] = rates[column];
  return machine;
}

double predicted_seconds(const MachineModel& machine, const std::string& method, const IterationCost& cost,
                         double entry_bytes) {
  const auto pass = machine.per_pass_byte.find(method);
  if (pass == machine.per_pass_byte.end())
    throw std::invalid_argument(fmt::format("the calibration has no timing of {}", method));
  const std::vector<double> of = units(cost, entry_bytes);
  const double rates[] = {machine.per_flop,       machine.per_product_byte, machine.per_product,
                          machine.per_solve_flop, machine.per_newton_entry, pass->second};
  return std::inner_product(of.begin(), of.end(), std::begin(rates), 0.0);
}

double predicted_seconds(const MachineModel& machine, const std::string& method, const CostShape& shape) {
  return predicted_seconds(machine, method, iteration_cost(method, shape), shape.entry_bytes);
}

std::map<std::string, ModelError> leave_one_out(const std::vector<IterationTiming>& timings) {
  std::map<std::string, std::vector<std::pair<double, std::string>>> errors;
  std::map<std::string, int> count;
  for (const IterationTiming& timing : timings) ++count[timing.method];
  for (std::size_t i = 0; i < timings.size(); ++i) {
    if (count[timings[i].method] < 2) continue;  // nothing else says how fast its passes are
    std::vector<IterationTiming> others = timings;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const ModelError one = errors_of(fit_machine(others), {timings[i]});
    errors[timings[i].method].emplace_back(one.worst, one.worst_shape);
  }
  std::map<std::string, ModelError> result;
  for (const auto& [method, list] : errors) {
    const auto worst = *std::max_element(list.begin(), list.end());
    std::vector<double> values;
    for (const auto& entry : list) values.push_back(entry.first);
    result[method] = {list.size(), median(values), worst.first, worst.second};
  }
  return result;
}

Extrapolation extrapolate(const std::vector<IterationTiming>& timings, double share) {
  std::vector<IterationTiming> sorted = timings;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return flops_of(a) < flops_of(b); });
  const auto kept = static_cast<std::size_t>((1 - share) * static_cast<double>(sorted.size()));
  const std::vector<IterationTiming> seen(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(kept));
  const MachineModel machine = fit_machine(seen);
  std::vector<IterationTiming> unseen;
  for (std::size_t i = kept; i < sorted.size(); ++i) {
    if (machine.per_pass_byte.contains(sorted[i].method)) unseen.push_back(sorted[i]);
  }
  if (unseen.empty()) throw std::invalid_argument("too few timings to predict the largest from the others");
  return {errors_of(machine, unseen), flops_of(seen.back()), flops_of(unseen.back())};
}

const std::vector<Interconnect>& interconnects() {
  // Latencies of a message between processes: TCP, RDMA, a thread that is woken.
  static const std::vector<Interconnect> known{
      {"10GbE", 50e-6, 1.25e9}, {"100GbE", 5e-6, 12.5e9}, {"shared", 5e-6, 10e9}};
  return known;
}

Interconnect parse_interconnect(const std::string& text) {
  std::string names;
  for (const Interconnect& known : interconnects()) {
    if (known.name == text) return known;
    names += known.name + ", ";
  }
  const std::size_t comma = text.find(',');
  try {
    if (comma != std::string::npos) {
      std::size_t used_latency = 0;
      std::size_t used_bandwidth = 0;
      const std::string rest = text.substr(comma + 1);
      const double latency = std::stod(text, &used_latency);
      const double bandwidth = std::stod(rest, &used_bandwidth);
      if (used_latency == comma && used_bandwidth == rest.size() && latency >= 0 && bandwidth > 0)
        return {text, latency, bandwidth};
    }
  } catch (const std::logic_error&) {  // not a number
  }
  throw std::invalid_argument(fmt::format(
      "'{}' is no network; there are: {}or LATENCY,BANDWIDTH in seconds and bytes per second", text, names));
}

ParallelCost parallel_cost(const MachineModel& machine, const std::string& method, const CostShape& shape,
                           double workers, const Interconnect& network) {
  if (!(workers >= 1)) throw std::invalid_argument("at least one worker");
  const MethodCost cost = method_cost(method, shape);
  return cost.layers.empty() ? over_samples(machine, method, shape, cost.reductions, workers, network)
                             : over_layers(machine, method, shape, cost.layers, workers, network);
}

}  // namespace admmbench
