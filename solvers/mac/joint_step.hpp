#pragma once
/// The coordinates of one sample together: a Gauss-Newton step with backtracking on
///   E_n(a_1..a_{L-1}) = R_n(W_L a_{L-1} + b_L) + (mu/2) sum_{l<L} ||a_l - f(T_l)||^2,   T_l = W_l a_{l-1} + b_l,
/// of m = sum_{l<L} n_l unknowns. With r_l = a_l - f(T_l), B_l = diag(f'(T_l)) W_l, g_L = -dR_n/dT_L and h a bound of R_n's curvature
/// the system is block tridiagonal, of side m:
///   H_ll = mu (I + B_{l+1}^T B_{l+1}), l < L-1;   H_{L-1,L-1} = mu I + h W_L^T W_L;   H_{l+1,l} = -mu B_{l+1}
///   right side  -mu r_l + mu B_{l+1}^T r_{l+1}, l < L-1;   -mu r_{L-1} + W_L^T g_L
/// O(N m^3) a sweep: for small networks.

#include "core/problem/network.hpp"
#include "core/problem/per_layer.hpp"
#include "core/problem/problem.hpp"

namespace admmbench {

template <class T>
class JointStep {
 public:
  void reserve(const Problem<T>& problem);

  /// One step of every sample: a_l (n_l x N, l < L) and the T_l (n_l x N, 1 < l <= L) that depend on them move together. A sample whose
  /// E_n falls at none of t = 1, 1/2, ..., 2^-halvings stays.
  void operator()(const Problem<T>& problem, const Network<T>& network, double mu, long halvings,
                  PerLayer<arma::Mat<T>>& a, PerLayer<arma::Mat<T>>& at);

 private:
  using Matrices = PerLayer<arma::Mat<T>>;

  void system(const Problem<T>& problem, const Network<T>& network, double mu, const Matrices& a,
              const Matrices& at, arma::uword n);
  double error(const Problem<T>& problem, double mu, const Matrices& a, const Matrices& at, arma::uword n,
               T t);

  PerLayer<arma::uword> offset_;  ///< of a_l among the unknowns
  arma::Mat<T> H_;                ///< m x m, then its Cholesky factor
  arma::Mat<T> delta_;            ///< m x 1: the right side, then the step
  arma::Mat<T> output_gram_;      ///< n_{L-1} x n_{L-1}: h W_L^T W_L
  Matrices B_;                    ///< n_l x n_{l-1}, l = 2..L-1, at l - 1
  Matrices gram_;                 ///< n_{l-1} x n_{l-1}, the same
  Matrices r_;                    ///< n_l x 1; the last one g_L
  Matrices move_;                 ///< n_l x 1: W_l delta_{l-1}; zero for l = 1
  arma::Mat<T> trial_;            ///< n_L x 1
};

}  // namespace admmbench
