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

/// How many splits the file holds as /splits/0, /splits/1, ...
long count_splits(const Hdf5File& file);

/// Where the training inputs of a file stay, instead of being read into memory.
struct Streaming {
  std::string identity;  ///< of the file's content
};

/// A file of samples, divided by its split `number` (0: /train, /val and /test, which every file has). `streaming`: null, or what /train/x
/// is called, which then stays in a file (core/io/mapped_file.hpp); number 0 only.
template <class T>
Dataset<T> read_dataset(const Hdf5File& file, long number = 0, const Streaming* streaming = nullptr);

/// A graph with its split `number` (0: /split, which every file has).
Graph read_graph(const Hdf5File& file, long number = 0);

/// The counts that the registry may expect, from shapes and attributes: features, classes, and train, val, test;
/// for graphs also nodes, edges (undirected, without self-loops) and self_loops; splits where there are several.
std::map<std::string, long> count_contents(const Hdf5File& file);

}  // namespace admmbench
