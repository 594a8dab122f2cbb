#pragma once
/// Makes the synthetic data sets. The same parameters give the same data on every machine (core/compute/rng.hpp).

#include "core/problem/network.hpp"
#include "datasets/dataset.hpp"
#include "datasets/graph.hpp"

namespace admmbench {

/// x = mean of the class + N(0, I). Means are independent N(0, s^2 I) with s chosen so that the mean squared distance
/// of two of them is separation^2. Sample n belongs to class n mod classes.
template <class T>
Dataset<T> make_blobs(const SyntheticParameters& params);

/// x ~ N(0, I), t = teacher(x) + noise * N(0, I).
template <class T>
Dataset<T> make_teacher_student(const SyntheticParameters& params);

/// The known solution: relu network features-hidden-outputs with W_l ~ N(0, 2 / n_{l-1}), which keeps the scale of the
/// signal from layer to layer, and b_l ~ N(0, 0.1^2).
Network<double> teacher(const SyntheticParameters& params);

/// Classes are equally frequent and assigned at random. round(nodes * degree / 2) distinct edges: a uniform end u, and
/// a uniform end v in u's class with probability `homophily`, in another otherwise. Features as for the blobs.
/// Split: in order of one random permutation up to 20 nodes per class train (no more than a third of the class), up to
/// 1000 of the others, but at most half, test, and up to 1000 of the rest validate. Throws DataError if the graph
/// cannot have that many edges.
Graph make_stochastic_block_model(const SyntheticParameters& params);

}  // namespace admmbench
