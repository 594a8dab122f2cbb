#pragma once
/// What an iteration of each method costs as a function of the shape, on paper: operations and bytes, memory held, and what
/// workers would have to send each other. tests/property/core/compute/counters_test.cpp holds the operations and bytes against what
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
  double batch_size() const { return batch > 0 && batch < samples ? batch : samples; }  ///< B
  bool batched() const { return batch_size() < samples; }
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
  bool send_u = true;                  ///< pdADMM family
  double memory = 8;                   ///< aa_dladmm: m
  double differences = 8;              ///< aa_dladmm: in the history; 0: no new point
  double new_points = 1;               ///< aa_dladmm: 2 if the accelerated one is refused
  double observe = 20, refresh = 100;  ///< gram_tp: batches between Gram matrices, and between factorisations
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

/// The methods that have a model: all that are registered.
const std::vector<std::string>& modelled_methods();

/// Whether it goes over the samples in mini-batches: the gradient methods and gram_tp.
bool has_batches(const std::string& method);

/// Throws std::invalid_argument for a method without model.
IterationCost iteration_cost(const std::string& method, const CostShape& shape,
                             const CostOptions& options = {});

/// pdADMM family: what the owner of each layer computes (index l-1). The sum is iteration_cost().
std::vector<IterationCost> layer_costs(const std::string& method, const CostShape& shape,
                                       const CostOptions& options = {});

/// Bytes that stay allocated between iterations, explicit W_1 apart from vectors of one entry per neuron.
struct MemoryCost {
  double data = 0;       ///< x, targets, labels
  double state = 0;      ///< variables of the method and what it remembers of them, moments, factors
  double workspace = 0;  ///< scratch

  double total() const { return data + state + workspace; }
};

MemoryCost memory_cost(const std::string& method, const CostShape& shape, const CostOptions& options = {});

/// pdADMM family: the method's memory by layer (index l-1), its data and scratch with the layers that need them: what a node
/// per layer would hold.
std::vector<double> layer_memory(const std::string& method, const CostShape& shape,
                                 const CostOptions& options = {});

/// How an iteration can be spread over workers without changing what it computes.
enum class Parallelism {
  layers,  ///< pdADMM: a layer belongs to a worker, neighbours exchange p, q, u
  samples  ///< the others: a worker has a share of the samples, sums over samples are added up by all
};
Parallelism parallelism(const std::string& method);

/// pdADMM family: bytes that cross the interface between layers l and l + 1 in an iteration, l = 1..L-1.
struct InterfaceBytes {
  double down = 0;  ///< p_{l+1}, to the owner of l
  double up = 0;    ///< q_l and u_l, to the owner of l + 1
};
InterfaceBytes interface_bytes(const std::string& method, const CostShape& shape, std::size_t l,
                               const CostOptions& options = {});

/// Parallelism over samples: what has to be added up over all workers in an iteration.
struct Reductions {
  double entries = 0;
  double count = 0;  ///< of all-reduce operations, those of single numbers included
};
Reductions reductions(const std::string& method, const CostShape& shape, const CostOptions& options = {});

/// What a worker sends in an iteration.
struct Messages {
  double bytes = 0;
  double count = 0;
};

/// Ring all-reduce: 2 (w - 1) messages of 1/w of the entries each.
Messages ring_all_reduce(const Reductions& what, double entry_bytes, double workers);

}  // namespace admmbench
