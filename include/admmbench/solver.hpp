#pragma once
/// Everything that a method of one file needs. What a solver is: docs/guide/adding-a-solver.md.
///
///   the interface       Solver, FixedPointSolver (for methods that Anderson acceleration may be put around),
///                       RegisterSolver; parameters: ParameterVisitor and its ranges
///   the problem         Problem, Network, Activation, Loss, and the step rules and regularisers that parameters offer
///   block updates       the steps on W_l, b_l, z_l, a_l and z_L that the suite's methods share, and LayerVariables,
///                       which holds these variables
///   computing           gemm() and its kin, for_entries() and its kin; buffers, Cholesky, random numbers
///   gradients           Backprop, Batches, Schedule

#include "core/blocks/bias_step.hpp"
#include "core/blocks/input_span.hpp"
#include "core/blocks/input_step.hpp"
#include "core/blocks/layer_variables.hpp"
#include "core/blocks/linear_residual.hpp"
#include "core/blocks/output_prox.hpp"
#include "core/blocks/preactivation_step.hpp"
#include "core/blocks/weight_step.hpp"
#include "core/compute/buffer.hpp"
#include "core/compute/cholesky.hpp"
#include "core/compute/counters.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "core/compute/rng.hpp"
#include "core/compute/worker_pool.hpp"
#include "core/parameters.hpp"
#include "core/problem/activation.hpp"
#include "core/problem/backprop.hpp"
#include "core/problem/batches.hpp"
#include "core/problem/loss.hpp"
#include "core/problem/network.hpp"
#include "core/problem/per_layer.hpp"
#include "core/problem/problem.hpp"
#include "core/problem/regularizer.hpp"
#include "core/problem/state_visitor.hpp"
#include "core/problem/step_rule.hpp"
#include "core/problem/step_schedule.hpp"
#include "solvers/fixed_point.hpp"
#include "solvers/solver.hpp"
