#pragma once
/// Attributed stochastic block model: a graph of any size.

#include "core/parameters.hpp"
#include "datasets/graph.hpp"

namespace admmbench {

struct BlockModelParameters {
  long seed = 0;  ///< of the data; independent of the run's seed
  long nodes = 1000;
  long features = 20;
  long classes = 3;
  double separation = 4;   ///< distance of the class means, in standard deviations within a class
  double degree = 5;       ///< mean degree
  double homophily = 0.8;  ///< share of the edges inside a class

  void visit(ParameterVisitor& v);
};

/// Classes are equally frequent and assigned at random. round(nodes * degree / 2) distinct edges: a uniform end u, and
/// a uniform end v in u's class with probability `homophily`, in another otherwise. Features as for the blobs.
/// Split: in order of one random permutation up to 20 nodes per class train (no more than a third of the class), up to
/// 1000 of the others, but at most half, test, and up to 1000 of the rest validate. Throws DataError if the graph
/// cannot have that many edges.
Graph make_block_model(const BlockModelParameters& params);

}  // namespace admmbench
