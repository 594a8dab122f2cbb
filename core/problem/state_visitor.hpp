#pragma once
/// How the variables of a solver are shown to whoever records or compares them.

#include <armadillo>
#include <string>
#include <string_view>

namespace admmbench {

/// Receives every named variable of a solver, by its name in docs/problem.md (W1, b1, z1, a1, ..., u).
template <class T>
class StateVisitor {
 public:
  virtual ~StateVisitor() = default;
  virtual void matrix(std::string_view name, const arma::Mat<T>& value) = 0;
  virtual void vector(std::string_view name, const arma::Col<T>& value) = 0;
  /// A matrix with a column for every training sample. Where several processes share the samples each shows its own columns.
  virtual void columns(std::string_view name, const arma::Mat<T>& value) { matrix(name, value); }
};

/// "W1", "z3", ...: the name in result files (docs/problem.md#notation) of a variable of layer l.
std::string layer_name(const char* variable, arma::uword layer);

}  // namespace admmbench
