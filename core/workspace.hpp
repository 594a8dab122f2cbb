#pragma once
/// Scratch memory of a solver, reserved once at initialization. Block updates take shaped views of it, so
/// that layers share buffers and step() allocates nothing.

#include <armadillo>
#include <stdexcept>
#include <vector>

namespace admmbench {

/// One buffer; a view is valid until the next reserve().
template <class T>
class Buffer {
 public:
  /// Makes room for at least `elements`; pages are touched here, not in the first iteration.
  void reserve(arma::uword elements) {
    if (memory_.size() < elements) memory_.assign(elements, T(0));
  }

  /// The first rows * columns elements as a matrix, uninitialised.
  arma::Mat<T> view(arma::uword rows, arma::uword columns) {
    if (rows * columns > memory_.size()) throw std::logic_error("Buffer: view larger than what was reserved");
    return arma::Mat<T>(memory_.data(), rows, columns, false, true);
  }

 private:
  std::vector<T> memory_;
};

}  // namespace admmbench
