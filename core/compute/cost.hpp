#pragma once
/// What an iteration of a method costs as a function of the shape, on paper: operations and bytes, memory held, and what workers
/// would have to send each other. A method's cost function stands beside the method and is given to RegisterSolver; here is what
/// such functions are made of. tests/property/core/compute/counters_test.cpp holds the operations and bytes against what
/// core/compute/counters counts (equal), cost_model_test.cpp the memory against the heap and the messages against pdADMM's own count.
///
/// Notation as in docs/performance.md: w_l = n_l n_{l-1} entries of W_l, M_l = n_l N entries of z_l, s bytes of an entry.
/// Everything is a double: 10^9 parameters times 10^6 samples are beyond 2^53 operations, and shares of an iteration occur.

#include <cstddef>
#include <string>
#include <vector>

namespace admmbench {

/// A network and its training set.
struct CostShape {
  std::vector<double> widths;  ///< n_0, n_1, ..., n_L
  double samples = 0;          ///< N
  double batch = 0;            ///< mini-batch of the gradient methods and gram_tp; 0: all samples
  double entry_bytes = 4;      ///< s

  std::size_t layers() const { return widths.size() - 1; }             ///< L
  double n(std::size_t l) const { return widths[l]; }                  ///< n_l
  double w(std::size_t l) const { return widths[l] * widths[l - 1]; }  ///< w_l
  double M(std::size_t l) const { return widths[l] * samples; }        ///< M_l
  double weights(std::size_t first = 1) const;                         ///< sum of w_l, l >= first
  double parameters() const;                                           ///< with biases
  double outputs() const;                                              ///< sum of M_l, l >= 1
  double hidden_outputs() const;                                       ///< sum of M_l, 1 <= l < L
  double widest() const;                                               ///< largest n_l, l >= 1
  double largest_weight(std::size_t first = 1) const;                  ///< largest w_l, l >= first
  double batch_size() const { return batch > 0 && batch < samples ? batch : samples; }  ///< B
  bool batched() const { return batch_size() < samples; }
  double batches() const;  ///< of a pass over the samples
};

/// "784-1000-1000-10x60000" or "784-1000-1000-10x60000-batch-128". Throws std::invalid_argument.
CostShape parse_shape(const std::string& text);
std::string to_string(const CostShape& shape);

/// What changes the formulas. The defaults are the methods' defaults.
struct CostOptions {
  enum class Decay {
    none,
    proximal,
    gradient
  };  ///< of the weights: none; as the method does it; mdlam's second form
  Decay decay = Decay::none;
  bool span = true;                            ///< 2 N <= n_0: W_1 in the span of x
  bool momentum = false;                       ///< sgd
  bool quantize_p = true, quantize_q = false;  ///< pdadmm_gq
  double code_bytes = 1;
  bool send_u = false;     ///< pdADMM family: u is among the messages (ParallelRun::send_u)
  double memory = 8;       ///< aa_dladmm: m
  double differences = 8;  ///< aa_dladmm: in the history; 0: no new point
  double new_points = 1;   ///< aa_dladmm: 2 if the accelerated one is refused
  double observe = 20,
         refresh = 100;  ///< gram_tp, gorth: batches between Gram matrices, and between factorisations
  /// gorth: batches between targets' factors K_l, second moments of steps, and their roots.
  double target_refresh = 20, root_every = 10, root_refresh = 20;
};

/// One iteration (a pass over the samples, for methods with batches). As core/compute/counters counts it, without what depends on the
/// data; `newton_entries` is besides: the z_L-step's columnwise Newton, whose arithmetic is not counted.
struct IterationCost {
  double products = 0;
  double product_flops = 0;
  double product_entries = 0;  ///< operands and results, each once; a result that is added to, twice
  double pass_entries = 0;
  double code_bytes = 0;  ///< of passes, besides: integer codes
  double solve_flops = 0;
  double newton_entries = 0;  ///< entries of z_L-steps

  double flops() const { return product_flops + solve_flops; }
  IterationCost& operator+=(const IterationCost& other);
  friend IterationCost operator+(IterationCost a, const IterationCost& b) { return a += b; }
  friend IterationCost operator*(double times, IterationCost cost);
};

/// What costs are made of. An m x k by k x n product.
IterationCost matrix_product(double m, double n, double k, bool accumulates = false);
/// `times` products of layer l, whichever: W A, E A^T and W^T E move the same matrices.
IterationCost layer_products(const CostShape& shape, std::size_t l, double times);
/// Every product of layers 2..L `times`, of which `sums` add to an n_{l-1} x N matrix.
IterationCost upper_products(const CostShape& shape, double times, double sums);
IterationCost entry_passes(double entries);
/// `first` entries per entry of z_1, `hidden` of z_l, 1 < l < L, `last` of z_L.
IterationCost layer_passes(const CostShape& shape, double first, double hidden, double last);
/// Whether W_1 is held in the span of x.
bool spans(const CostShape& shape, const CostOptions& options);

/// W_1's step in the span of x, n_1 N^2: a product of layer 1 with x^T x.
IterationCost span_product(const CostShape& shape);
/// `steps` output proxes.
IterationCost newton_steps(const CostShape& shape, double steps);
/// A third, rounded down, as the operations of factorisations are.
double whole_third(double value);

/// Sum of term(l) for l = first..last.
template <class Term>
double sum_layers(std::size_t first, std::size_t last, Term term) {
  double total = 0;
  for (std::size_t l = first; l <= last; ++l) total += term(l);
  return total;
}

/// Bytes that stay allocated between iterations, explicit W_1 apart from vectors of one entry per neuron.
struct MemoryCost {
  double data = 0;       ///< x, targets, labels
  double state = 0;      ///< variables of the method and what it remembers of them, moments, factors
  double workspace = 0;  ///< scratch
  double passing = 0;    ///< not in total(): for a moment only, at the start or in diagnostics

  double total() const { return data + state + workspace; }
};

/// The training set, with x^T x where W_1 is in its span, and a method's entries; `besides`: bytes of scratch that are no entries.
MemoryCost held_memory(const CostShape& shape, const CostOptions& options, double state, double scratch,
                       double besides = 0);
/// Entries of W_1's state in the span of x: its start, the start's product, C, a scratch product. 0 where W_1 is explicit.
double span_entries(const CostShape& shape, const CostOptions& options);
constexpr double index_bytes = 8;  ///< of a label, or of a place in the order of the samples

/// Workers that have a share of the samples each: what has to be added up over all of them in an iteration.
struct Reductions {
  double entries = 0;
  double count = 0;  ///< of all-reduce operations, those of single numbers included
};

/// Bytes that cross the interface between layers l and l + 1 in an iteration, a layer belonging to a worker.
struct InterfaceBytes {
  double down = 0;  ///< p_{l+1}, to the owner of l
  double up = 0;    ///< q_l and u_l, to the owner of l + 1
};

/// What the owner of a layer computes, holds (data and scratch included) and exchanges with the layer above.
struct LayerCost {
  IterationCost iteration;
  double memory = 0;
  InterfaceBytes above;
};

/// What a method costs.
struct MethodCost {
  IterationCost iteration;
  MemoryCost memory;
  Reductions reductions;
  /// Index l-1, of a method whose layers can work at the same time; together they are `iteration`. Empty: workers share the samples.
  std::vector<LayerCost> layers;
};

/// As a solver file registers it. A method may come without.
struct CostModel {
  MethodCost (*of)(const CostShape& shape, const CostOptions& options) = nullptr;
  bool batches = false;  ///< an iteration is a pass in mini-batches: CostShape::batch is read
};

}  // namespace admmbench
