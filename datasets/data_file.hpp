#pragma once
/// Reading data.h5 (docs/reference/datasets.md), with every check that keeps bad data from a solver. Failures throw
/// DataError naming file and object.

#include <map>
#include <optional>
#include <string>

#include "core/io/hdf5_file.hpp"
#include "datasets/dataset.hpp"
#include "datasets/graph.hpp"

namespace admmbench {

/// A graph file has /graph/edges instead of /train/x.
bool is_graph_file(const Hdf5File& file);

/// The splits of a file of samples.
template <class T>
Dataset<T> read_dataset(const Hdf5File& file);

Graph read_graph(const Hdf5File& file);

/// The counts that the registry may expect, from shapes and attributes: features, classes, and train, val, test;
/// for graphs also nodes, edges (undirected, without self-loops) and self_loops.
std::map<std::string, long> count_contents(const Hdf5File& file);

}  // namespace admmbench
