#include "core/compute/cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace admmbench {

double CostShape::weights(std::size_t first) const {
  return sum_layers(first, layers(), [&](auto l) { return w(l); });
}

double CostShape::parameters() const {
  return weights() + sum_layers(1, layers(), [&](auto l) { return n(l); });
}

double CostShape::outputs() const {
  return sum_layers(1, layers(), [&](auto l) { return M(l); });
}

double CostShape::hidden_outputs() const {
  return sum_layers(1, layers() - 1, [&](auto l) { return M(l); });
}

double CostShape::widest() const { return *std::max_element(widths.begin() + 1, widths.end()); }

double CostShape::largest_weight(std::size_t first) const {
  double largest = 0;
  for (std::size_t l = first; l <= layers(); ++l) largest = std::max(largest, w(l));
  return largest;
}

double CostShape::batches() const {
  constexpr double rounding = 1e-9;  // shares of samples and batches need not be whole numbers
  return std::ceil(samples / batch_size() - rounding);
}

CostShape parse_shape(const std::string& text) {
  const auto bad = [&]() {
    return std::invalid_argument(
        fmt::format("'{}' is no shape; one is n_0-n_1-...-n_LxN, as 784-1000-1000-10x60000 or "
                    "784-1000-1000-10x60000-batch-128",
                    text));
  };
  const auto number = [&](const std::string& digits) {
    if (digits.empty() || digits.size() > 15 || digits.find_first_not_of("0123456789") != std::string::npos ||
        digits.front() == '0')
      throw bad();
    return std::stod(digits);
  };
  CostShape shape;
  const std::size_t cross = text.find('x');
  if (cross == std::string::npos) throw bad();
  for (std::size_t begin = 0; begin <= cross;) {
    const std::size_t end = std::min(text.find('-', begin), cross);
    shape.widths.push_back(number(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  const std::string word = "-batch-";
  const std::size_t batch = text.find(word, cross);
  shape.samples = number(text.substr(cross + 1, batch == std::string::npos ? batch : batch - cross - 1));
  if (batch != std::string::npos) shape.batch = number(text.substr(batch + word.size()));
  if (shape.widths.size() < 2) throw bad();
  return shape;
}

std::string to_string(const CostShape& shape) {
  std::string text = fmt::format("{:.0f}", shape.widths.front());
  for (std::size_t l = 1; l < shape.widths.size(); ++l) text += fmt::format("-{:.0f}", shape.widths[l]);
  text += fmt::format("x{:.0f}", shape.samples);
  return shape.batch > 0 ? text + fmt::format("-batch-{:.0f}", shape.batch) : text;
}

IterationCost& IterationCost::operator+=(const IterationCost& other) {
  products += other.products;
  product_flops += other.product_flops;
  product_entries += other.product_entries;
  pass_entries += other.pass_entries;
  code_bytes += other.code_bytes;
  solve_flops += other.solve_flops;
  newton_entries += other.newton_entries;
  return *this;
}

IterationCost operator*(double times, IterationCost cost) {
  cost.products *= times;
  cost.product_flops *= times;
  cost.product_entries *= times;
  cost.pass_entries *= times;
  cost.code_bytes *= times;
  cost.solve_flops *= times;
  cost.newton_entries *= times;
  return cost;
}

IterationCost matrix_product(double m, double n, double k, bool accumulates) {
  IterationCost cost;
  cost.products = 1;
  cost.product_flops = 2 * m * n * k;
  cost.product_entries = m * k + k * n + m * n * (accumulates ? 2 : 1);
  return cost;
}

IterationCost layer_products(const CostShape& shape, std::size_t l, double times) {
  return times * matrix_product(shape.n(l), shape.samples, shape.n(l - 1));
}

IterationCost upper_products(const CostShape& shape, double times, double sums) {
  IterationCost cost;
  for (std::size_t l = 2; l <= shape.layers(); ++l) {
    cost += layer_products(shape, l, times);
    cost.product_entries += sums * shape.M(l - 1);
  }
  return cost;
}

IterationCost entry_passes(double entries) {
  IterationCost cost;
  cost.pass_entries = entries;
  return cost;
}

IterationCost layer_passes(const CostShape& shape, double first, double hidden, double last) {
  const std::size_t L = shape.layers();
  return entry_passes(first * shape.M(1) + sum_layers(2, L - 1, [&](auto l) { return hidden * shape.M(l); }) +
                      last * shape.M(L));
}

bool spans(const CostShape& shape, const CostOptions& options) {
  return options.span && 2 * shape.samples <= shape.n(0);
}

IterationCost span_product(const CostShape& shape) {
  return matrix_product(shape.n(1), shape.samples, shape.samples);
}

IterationCost newton_steps(const CostShape& shape, double steps) {
  IterationCost cost;
  cost.newton_entries = steps * shape.M(shape.layers());
  return cost;
}

double whole_third(double value) { return std::floor(value / 3); }

MemoryCost held_memory(const CostShape& shape, const CostOptions& options, double state, double scratch,
                       double besides) {
  const double N = shape.samples;
  MemoryCost memory;
  memory.data = shape.entry_bytes * (shape.M(0) + shape.M(shape.layers())) + index_bytes * N;
  if (spans(shape, options)) memory.data += shape.entry_bytes * N * N;  // x^T x
  memory.state = shape.entry_bytes * state;
  memory.workspace = besides + shape.entry_bytes * scratch;
  return memory;
}

double span_entries(const CostShape& shape, const CostOptions& options) {
  return spans(shape, options) ? shape.w(1) + 3 * shape.M(1) : 0;
}

}  // namespace admmbench
