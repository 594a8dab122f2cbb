#include "solvers/mac/output_fit.hpp"

#include "core/blocks/gauss_newton.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

template <class T>
void fit_output(Loss loss, const arma::Mat<T>& targets, const arma::Mat<T>& A, BorderedRidge<T>& ridge,
                long steps, arma::Mat<T>& W, arma::Col<T>& b, arma::Mat<T>& z, double& value, arma::Mat<T>& S,
                arma::Mat<T>& D) {
  for (long k = 0; k < steps; ++k) {
    loss_gradient(loss, z, targets, T(-1), S);
    const arma::Mat<T>& R = ridge.apply(1, S, A);
    bordered_product(R, A, D);
    axpy(T(1), z, D);
    const double now = loss_value(loss, D, targets);
    if (!(now <= value)) return;
    value = now;
    copy(D, z);
    add_bordered(R, W, b);
  }
}

#define ADMMBENCH_INSTANTIATE(T)                                                                    \
  template void fit_output(Loss, const arma::Mat<T>&, const arma::Mat<T>&, BorderedRidge<T>&, long, \
                           arma::Mat<T>&, arma::Col<T>&, arma::Mat<T>&, double&, arma::Mat<T>&,     \
                           arma::Mat<T>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
