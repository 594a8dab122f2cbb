#include "experiments/harness/run/memory.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/compute/blas_kernels.hpp"
#include "experiments/harness/config/yaml_reader.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

namespace {

const ConfigValue* parameter(const SolverVariant& solver, const std::string& key) {
  return find_path(solver.params, key);
}

std::string word(const SolverVariant& solver, const std::string& key) {
  const ConfigValue* value = parameter(solver, key);
  return value != nullptr && value->is_scalar() ? value->text : std::string();
}

double number(const SolverVariant& solver, const std::string& key, double otherwise) {
  const ConfigValue* value = parameter(solver, key);
  double result = otherwise;
  if (value != nullptr) read_number(*value, result);
  return result;
}

/// Of a code of pdadmm_gq.
double code_bits(const SolverVariant& solver) {
  const std::string kind = word(solver, "delta.kind");
  if (kind == "bits") return number(solver, "delta.bits", 8);
  double levels = number(solver, "delta.levels", 22);
  const ConfigValue* values = parameter(solver, "delta.values");
  if (kind == "list" && values != nullptr && values->is_list())
    levels = static_cast<double>(values->items.size());
  return std::ceil(std::log2(std::max(levels, 2.0)));
}

/// What of a method's parameters changes the memory that it holds.
CostOptions options_of(const SolverVariant& solver) {
  CostOptions options;
  options.momentum = number(solver, "momentum", 0) > 0;
  if (const std::string quantize = word(solver, "quantize"); !quantize.empty()) {
    options.quantize_p = quantize != "q";
    options.quantize_q = quantize != "p";
  }
  options.code_bytes = code_bits(solver) / 8;
  options.memory = number(solver, "memory", options.memory);
  options.span = word(solver, "regularizer.kind").empty() || word(solver, "regularizer.kind") == "none";
  return options;
}

/// The first number in a file of one; empty if there is none (`max`).
std::optional<double> number_in(const std::filesystem::path& file) {
  double value = 0;
  if (std::ifstream(file) >> value) return value;
  return std::nullopt;
}

}  // namespace

RunShape run_shape(const Experiment& experiment, const DatasetEntry& entry, const SolverVariant& solver,
                   double features, double outputs, double train, double validation, double test) {
  RunShape shape;
  shape.streamed = entry.request.stream;
  const double share = entry.request.validation;
  if (share > 0) {
    shape.loaded = train;
    validation = std::floor(share * train);
    train -= validation;
  }
  shape.validation = validation;
  shape.test = test;
  CostShape& cost = shape.cost;
  cost.widths.push_back(features);
  for (const long width : experiment.network_on(entry).hidden)
    cost.widths.push_back(static_cast<double>(width));
  cost.widths.push_back(outputs);
  cost.samples = train;
  cost.batch = number(solver, "batch_size", 0);
  cost.entry_bytes = experiment.precision == "float32" ? sizeof(float) : sizeof(double);
  return shape;
}

std::optional<MemoryNeed> memory_need(const SolverVariant& solver, const RunShape& run) {
  const SolverInfo* info = find_solver(solver.name);
  if (info == nullptr || info->cost.of == nullptr) return std::nullopt;
  const CostOptions options = options_of(solver);
  const CostShape& shape = run.cost;
  const double s = shape.entry_bytes;
  const MemoryCost held = info->cost.of(shape, options).memory;

  const double per_sample = s * (shape.widths.front() + shape.widths.back()) + index_bytes;
  MemoryNeed need;
  need.data = per_sample * (run.test + (run.loaded > 0 ? run.loaded : shape.samples + run.validation));
  if (run.streamed) need.data -= s * shape.widths.front() * shape.samples;
  need.own = held.state + held.workspace;
  if (run.loaded > 0) need.own += per_sample * (shape.samples + run.validation);  // copied out
  need.own += s * shape.parameters();                                             // the initial point

  // Evaluation goes through the samples in panels, and keeps the outputs.
  const double largest = std::max({shape.samples, run.validation, run.test});
  need.own += s * largest * shape.widths.back();
  need.own += held.passing;
  const double multiplied = shape.batch_size() / number(solver, "workers", 1);
  need.own += packing_memory(blas_core(), s, std::max({multiplied, run.validation, run.test}));
  if (spans(shape, options)) {  // the splits' products with x, and with the start
    need.own += s * shape.samples * (shape.samples + run.validation + run.test);
    need.own += s * shape.n(1) * (shape.samples + run.validation + run.test);
  }
  return need;
}

void give_back_large_blocks() {
  constexpr int megabyte = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, megabyte);
}

double packing_memory(std::string_view core, double entry_bytes, double columns) {
  constexpr double rows = 256;
  constexpr double most = 128 << 20;
  const bool wide = core == "SkylakeX" || core == "Cooperlake" || core == "SapphireRapids";
  return wide && entry_bytes == sizeof(double) ? std::min(most, rows * columns * entry_bytes) : 0;
}

double resident_memory() {
  double pages = 0;
  double resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double peak_resident_memory() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  constexpr double kilobyte = 1024;
  return kilobyte * static_cast<double>(usage.ru_maxrss);
}

std::optional<double> available_memory() {
  std::optional<double> available;
  std::ifstream meminfo("/proc/meminfo");
  for (std::string line; std::getline(meminfo, line);) {
    std::istringstream words(line);
    std::string name;
    double kilobytes = 0;
    if (words >> name >> kilobytes && name == "MemAvailable:") available = 1024 * kilobytes;
  }
  // A container's limit, of cgroup version 2 and 1; what it caches could be given back, and is counted as used here.
  for (const auto& [limit, used] : {std::pair{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
                                    std::pair{"/sys/fs/cgroup/memory/memory.limit_in_bytes",
                                              "/sys/fs/cgroup/memory/memory.usage_in_bytes"}}) {
    const auto most = number_in(limit);
    const auto now = number_in(used);
    if (most && now) available = std::min(available.value_or(*most), std::max(0.0, *most - *now));
  }
  return available;
}

std::string memory_text(double bytes) {
  constexpr double mega = 1e6;
  constexpr double giga = 1e9;
  return bytes < giga ? fmt::format("{:.0f} MB", bytes / mega) : fmt::format("{:.1f} GB", bytes / giga);
}

}  // namespace admmbench
