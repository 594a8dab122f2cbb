#pragma once
/// The whole state of a solver as bytes: saved to a checkpoint, restored from it, or looked at, by one function of the solver
/// that hands every member to the archive in turn. The bytes are those of this machine: a checkpoint is for the same program on
/// the same kind of machine.

#include <armadillo>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/problem/network.hpp"
#include "core/problem/per_layer.hpp"

namespace admmbench {

class StateArchive;

/// A type that hands its members to an archive itself.
template <class V>
concept Archived = requires(V& value, StateArchive& archive) {
  value.archive(archive);
};

class StateArchive {
 public:
  virtual ~StateArchive() = default;
  StateArchive() = default;
  StateArchive(const StateArchive&) = delete;
  StateArchive& operator=(const StateArchive&) = delete;

  /// True if values are read from the archive into the solver, false if they are only looked at.
  virtual bool restores() const = 0;

  /// Numbers, switches, matrices, vectors and lists of all these, networks, generators, types with archive(). A matrix whose size does not
  /// change keeps its memory, so that views of it stay good. Restoring throws std::runtime_error if the archive ends early.
  template <class... Values>
  void operator()(Values&... values) {
    (one(values), ...);
  }

  /// Matrices with a column for every training sample, and lists of them. In the archive are those of all samples, in their order; where
  /// several processes share the samples each has its own columns of them (core/parallel/team_state.hpp).
  template <class... Matrices>
  void columns(Matrices&... matrices) {
    (one_of_samples(matrices), ...);
  }

 protected:
  /// `size` bytes at `data`, written or filled.
  virtual void bytes(void* data, std::size_t size) = 0;

  /// How many columns a matrix has in the archive that has `own` here, and the other way round.
  virtual std::uint64_t columns_of_all(std::uint64_t own) { return own; }
  virtual std::uint64_t columns_here(std::uint64_t of_all) { return of_all; }
  /// The columns of this process, `count` of `size` bytes each, as part of those of all.
  virtual void column_bytes(void* data, std::size_t size, std::size_t count) { bytes(data, size * count); }

  /// For archives made of another.
  static void pass(StateArchive& to, void* data, std::size_t size) { to.bytes(data, size); }

 private:
  template <class V>
  void one(V& value) {
    static_assert(std::is_arithmetic_v<V> || std::is_enum_v<V>,
                  "an archive cannot take this type: give it archive(StateArchive&)");
    bytes(&value, sizeof value);
  }
  template <Archived V>
  void one(V& value) {
    value.archive(*this);
  }
  template <class T>
  void one(arma::Mat<T>& A) {
    matrix(A);
  }
  template <class T>
  void one(arma::Col<T>& v) {
    matrix(v);
  }
  template <class V>
  void one(std::vector<V>& list) {
    items(list);
  }
  template <class V>
  void one(PerLayer<V>& list) {
    items(list);
  }
  template <class T>
  void one(Network<T>& network) {
    (*this)(network.W, network.b);
  }
  template <class A, class B>
  void one(std::pair<A, B>& pair) {
    (*this)(pair.first, pair.second);
  }
  void one(std::string& text) {
    std::uint64_t size = length(text.size());
    if (restores()) text.resize(size);
    bytes(text.data(), size);
  }

  std::uint64_t length(std::uint64_t now) {
    bytes(&now, sizeof now);
    constexpr std::uint64_t most = std::uint64_t{1} << 40;  // of a damaged file
    if (now > most) throw std::runtime_error("the checkpoint is damaged");
    return now;
  }
  template <class M>
  void matrix(M& A) {
    const std::uint64_t rows = length(A.n_rows);
    const std::uint64_t columns = length(A.n_cols);
    if (restores() && (rows != A.n_rows || columns != A.n_cols)) A.set_size(rows, columns);
    bytes(A.memptr(), A.n_elem * sizeof(typename M::elem_type));
  }
  template <class T>
  void one_of_samples(arma::Mat<T>& A) {
    const std::uint64_t rows = length(A.n_rows);
    const std::uint64_t columns = columns_here(length(columns_of_all(A.n_cols)));
    if (restores() && (rows != A.n_rows || columns != A.n_cols)) A.set_size(rows, columns);
    column_bytes(A.memptr(), rows * sizeof(T), A.n_cols);
  }
  template <class List>
  void one_of_samples(List& list) {
    const std::uint64_t size = length(list.size());
    if (restores() && size != list.size()) list.resize(size);
    for (auto& item : list) one_of_samples(item);
  }
  template <class List>
  void items(List& list) {
    const std::uint64_t size = length(list.size());
    if (restores() && size != list.size()) list.resize(size);
    if constexpr (std::is_arithmetic_v<typename List::value_type>) {
      if constexpr (requires { list.data(); }) {
        bytes(list.data(), size * sizeof(typename List::value_type));
        return;
      }
    }
    for (auto& item : list) one(item);
  }
};

}  // namespace admmbench
