#pragma once
/// An attributed graph with a node split, and the GA-MLP input made of it (docs/reference/datasets.md).

#include <armadillo>
#include <map>
#include <string>

#include "datasets/dataset.hpp"

namespace admmbench {

struct Graph {
  arma::uword nodes = 0;
  arma::umat edges;               ///< 2 x E, undirected; direction, repetition and order do not matter
  arma::sp_mat features;          ///< features x nodes: H^T
  arma::Row<arma::uword> labels;  ///< one per node
  arma::uword classes = 0;
  std::map<std::string, arma::uvec> split;  ///< train, and optionally val and test: node indices
};

/// S (nodes x nodes, symmetric): At = D^-1/2 (A + I) D^-1/2 for `normalized` (pdADMM-G's code), At + I for `released`
/// (mDLAM's code). Self-loops are added only where missing; degrees are those of the self-looped graph.
arma::sp_mat propagation_operator(const Graph& graph, GraphOptions::Operator op);

/// GA-MLP input of the nodes `columns`, ((hops + 1) * features) x columns: blocks [S^K H; ...; S H; H], each with a
/// node's features as a column. The whole graph takes part in the propagation.
template <class T>
arma::Mat<T> augmented_features(const Graph& graph, const GraphOptions& options, const arma::uvec& columns);

/// The splits of `graph` with augmented features.
template <class T>
Dataset<T> augment(const Graph& graph, const GraphOptions& options);

}  // namespace admmbench
