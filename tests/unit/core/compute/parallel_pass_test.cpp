#include "core/compute/parallel_pass.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "core/compute/rng.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(parallel_pass_test)

BOOST_DATA_TEST_CASE(panels_cover_every_column_once,
                     boost::unit_test::data::make({1, 3, 1000, 70000}) *
                         boost::unit_test::data::make({0, 1, 127, 128, 129, 5000, 55000}),
                     rows, columns) {
  const Panels panels(static_cast<std::size_t>(rows), static_cast<std::size_t>(columns));
  BOOST_TEST(panels.count <= Panels::most);
  std::size_t next = 0;
  for (std::size_t p = 0; p < panels.count; ++p) {
    BOOST_TEST(panels.first(p) == next);
    BOOST_TEST(panels.last(p) > panels.first(p));
    next = panels.last(p);
  }
  BOOST_TEST(next == panels.columns);
}

/// Big enough for threads: the same bits with one, two and five of them.
BOOST_AUTO_TEST_CASE(sums_do_not_depend_on_the_number_of_threads) {
  arma::fmat A(900, 1200);
  Rng rng(1);
  fill_normal(rng, 1.0, A);
  BOOST_REQUIRE(Panels(A.n_rows, A.n_cols).threaded);
  const auto norm2 = [&] {
    return sum_entries(reads(A),
                       [&](std::size_t i) { return static_cast<double>(A[i]) * static_cast<double>(A[i]); });
  };
  const double serial = norm2();
  for (const std::size_t threads : {std::size_t(2), std::size_t(5)}) {
    const ComputeThreads passes(threads);
    BOOST_REQUIRE(compute_threads() != nullptr);
    BOOST_TEST(norm2() == serial);
    const SerialCompute one;
    BOOST_TEST(compute_threads() == nullptr);
    BOOST_TEST(norm2() == serial);
  }
  BOOST_TEST(compute_threads() == nullptr);
  // n entries of unit variance: mean n, deviation sqrt(2 n).
  const auto n = static_cast<double>(A.n_elem);
  BOOST_TEST(std::abs(serial - n) < 6 * std::sqrt(2 * n));
}

BOOST_AUTO_TEST_CASE(every_entry_is_visited_once) {
  arma::mat A(700, 900, arma::fill::zeros);
  const ComputeThreads passes(3);
  for_entries(reads(A), writes(A), [&](std::size_t i) { A[i] += static_cast<double>(i); });
  for_range(A.n_elem, reads(A), writes(A), [&](std::size_t i) { A[i] -= static_cast<double>(i); });
  BOOST_TEST(arma::abs(A).max() == 0.0);
}

/// Every matrix that is named, by the bytes of its entries, over the shape of the first that has one.
BOOST_AUTO_TEST_CASE(a_pass_counts_what_it_names) {
  arma::fmat A(5, 7, arma::fill::ones);
  arma::mat B(5, 7, arma::fill::ones);
  const std::vector<float> packed(35, 2.0F);
  const auto bytes = [](auto&& pass) {
    Counters counters;
    const Counting counting(counters);
    pass();
    BOOST_TEST(counters.passes == 1U);
    return counters.pass_bytes;
  };
  const float* p = packed.data();
  BOOST_TEST(bytes([&] { count_pass(reads(A)); }) == 35U * 4);
  BOOST_TEST(bytes([&] { count_pass(writes(B)); }) == 35U * 8);
  BOOST_TEST(bytes([&] { count_pass(reads(A, B), writes(A)); }) == 35U * (4 + 8 + 4));
  BOOST_TEST(bytes([&] {
               for_entries(reads(p, A), writes(A, B), [&](std::size_t i) { B[i] = A[i] += p[i]; });
             }) == 35U * (4 + 4 + 4 + 8));
  BOOST_TEST(arma::accu(B) == 35 * 3.0);
  BOOST_TEST(bytes([&] {
               BOOST_TEST(sum_entries(reads(B), [&](std::size_t i) { return B[i]; }) == 35 * 3.0);
             }) == 35U * 8);
  BOOST_TEST(bytes([&] {
               for_range(10, reads(p), writes(B.memptr()), [&](std::size_t i) { B[i] = p[i]; });
             }) == 10U * (4 + 8));
  arma::mat C;
  BOOST_TEST(bytes([&] { copy(B, C); }) == 35U * 16);
  BOOST_TEST(arma::approx_equal(B, C, "absdiff", 0.0));
}

BOOST_AUTO_TEST_SUITE_END()
