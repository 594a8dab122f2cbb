/// Which vector instructions the processor has changes no bit of any method: one program gives the same trajectories
/// everywhere, but for BLAS.

#include "core/compute/vector_level.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <tuple>

#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "solvers/solver.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/solver_state.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(vector_level_test)

namespace {

/// The levels of this processor beside the base.
std::vector<VectorLevel> wider_levels() {
  std::vector<VectorLevel> result;
  for (const VectorLevel level : {VectorLevel::v3, VectorLevel::v4}) {
    if (has_vector_level(level)) result.push_back(level);
  }
  return result;
}

std::vector<std::string> methods() {
  std::vector<std::string> result;
  for (const SolverInfo& info : registered_solvers()) result.push_back(info.name);
  return result;
}

template <class T>
testing::SolverState<T> after_steps(const std::string& method, Activation activation, Loss loss,
                                    VectorLevel level, const std::string& preset = "") {
  const UseVectorLevel use(level);
  // Widths and samples that are no multiple of a vector's: the ends of columns count, too.
  Problem<T> problem = testing::small_problem<T>({13, 37, 21, 5}, 101, loss, activation);
  const auto configured = find_solver(method)->make_default();
  if (!preset.empty()) BOOST_REQUIRE(configured->apply_preset(preset));
  const auto solver = configured->template make<T>();
  solver->initialize(problem, solver->initial_network(problem, 3), 3);
  for (int k = 0; k < 4; ++k) solver->step();
  return testing::SolverState<T>(*solver);
}

template <class T>
bool equal(const testing::SolverState<T>& a, const testing::SolverState<T>& b) {
  if (a.variables.size() != b.variables.size()) return false;
  for (const auto& [name, value] : a.variables) {
    const arma::Mat<T>& other = b.variables.at(name);
    if (!std::equal(value.begin(), value.end(), other.begin(), other.end())) return false;
  }
  return true;
}

template <class T>
void check(const std::string& method) {
  for (const Activation activation : {Activation::relu, Activation::tanh, Activation::sigmoid}) {
    for (const Loss loss : {Loss::cross_entropy, Loss::squared}) {
      const auto base = after_steps<T>(method, activation, loss, VectorLevel::base);
      for (const VectorLevel level : wider_levels()) {
        BOOST_TEST(
            equal(after_steps<T>(method, activation, loss, level), base),
            method << " " << to_string(activation) << " " << to_string(loss) << " " << to_string(level));
      }
    }
  }
}

using PrecisionsOfProducts = std::tuple<float, double>;

}  // namespace

BOOST_DATA_TEST_CASE(same_bits_in_float32, methods(), method) { check<float>(method); }
BOOST_DATA_TEST_CASE(same_bits_in_float64, methods(), method) { check<double>(method); }

/// The comparison notices another method's iterates.
BOOST_AUTO_TEST_CASE(other_iterates_are_told_apart) {
  const auto one = after_steps<float>("dladmm", Activation::relu, Loss::cross_entropy, vector_level());
  BOOST_TEST(!equal(
      one, after_steps<float>("dladmm", Activation::relu, Loss::cross_entropy, vector_level(), "theory")));
}

BOOST_AUTO_TEST_CASE(the_level_can_be_chosen) {
  const VectorLevel usual = vector_level();
  {
    const UseVectorLevel use(VectorLevel::base);
    BOOST_TEST((vector_level() == VectorLevel::base));
  }
  BOOST_TEST((vector_level() == usual));
  BOOST_TEST(has_vector_level(VectorLevel::base));
}

/// Products are cut for the threads, which changes no bit of them, whatever kernels BLAS has for this processor: every
/// orientation, parts that are not equal, C tall and wide, batches.
BOOST_AUTO_TEST_CASE_TEMPLATE(products_are_the_same_with_any_number_of_threads, T, PrecisionsOfProducts) {
  struct Shape {
    bool transpose_A, transpose_B;
    arma::uword m, n, k;
  };
  for (const Shape& s : {Shape{false, false, 200, 1030, 64},
                         {false, true, 1030, 200, 64},
                         {true, false, 300, 333, 111},
                         {true, true, 129, 257, 200},
                         {false, false, 17, 5000, 100},
                         {false, true, 400, 400, 100},
                         {true, false, 1000, 32, 300},
                         {false, false, 500, 140, 500},
                         {true, true, 777, 101, 333}}) {
    Rng rng(s.m);
    arma::Mat<T> A(s.transpose_A ? s.k : s.m, s.transpose_A ? s.m : s.k);
    arma::Mat<T> B(s.transpose_B ? s.n : s.k, s.transpose_B ? s.k : s.n);
    fill_normal(rng, 1.0, A);
    fill_normal(rng, 1.0, B);
    const auto product = [&](std::size_t threads) {
      const ComputeThreads compute(threads);
      arma::Mat<T> C(s.m, s.n, arma::fill::ones);
      gemm(s.transpose_A ? Op::transpose : Op::none, s.transpose_B ? Op::transpose : Op::none, T(0.5), A, B,
           T(2), C);
      return C;
    };
    const arma::Mat<T> one = product(1);
    const arma::Mat<T> exact =
        T(0.5) * (s.transpose_A ? arma::Mat<T>(A.t()) : A) * (s.transpose_B ? arma::Mat<T>(B.t()) : B) + T(2);
    // k products of values around 1, and the usual bound of their rounding.
    const double bound = 8 * double(s.k) * double(std::numeric_limits<T>::epsilon());
    BOOST_TEST(double(arma::abs(one - exact).max()) < bound * std::sqrt(double(s.k)));
    for (const std::size_t threads : {2U, 3U, 5U, 16U}) {
      const arma::Mat<T> several = product(threads);
      BOOST_TEST(std::equal(one.begin(), one.end(), several.begin(), several.end()),
                 s.m << " x " << s.n << " x " << s.k << ", " << threads << " threads");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
