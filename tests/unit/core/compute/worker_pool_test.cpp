#include "core/compute/worker_pool.hpp"

#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <numeric>
#include <stdexcept>

#include "core/compute/parallel_pass.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(worker_pool_test)

namespace {
const std::vector<std::size_t> pool_sizes{1, 2, 5};
}

/// Plain integers: the phase's end alone makes what the workers wrote visible to the caller.
BOOST_DATA_TEST_CASE(every_task_is_done_once, pool_sizes, workers) {
  WorkerPool pool(workers);
  BOOST_TEST(pool.workers() == workers);
  for (const std::size_t tasks : {std::size_t(0), std::size_t(1), std::size_t(3), std::size_t(100)}) {
    std::vector<int> done(tasks);
    std::vector<int> by_worker(workers);
    pool.for_each(tasks, [&](std::size_t index, std::size_t worker) {
      ++done[index];
      ++by_worker[worker];
    });
    BOOST_TEST(std::count(done.begin(), done.end(), 1) == static_cast<std::ptrdiff_t>(tasks));
    BOOST_TEST(std::accumulate(by_worker.begin(), by_worker.end(), 0) == static_cast<int>(tasks));
  }
}

/// Each phase reads what its neighbours' tasks wrote in the one before.
BOOST_DATA_TEST_CASE(a_phase_begins_when_the_one_before_has_ended, pool_sizes, workers) {
  constexpr std::size_t tasks = 7;
  constexpr int phases = 300;
  WorkerPool pool(workers);
  std::vector<int> now(tasks, 0);
  std::vector<int> next(tasks);
  for (int phase = 0; phase < phases; ++phase) {
    pool.for_each(tasks, [&](std::size_t index, std::size_t) {
      next[index] = std::min(now[(index + tasks - 1) % tasks], now[(index + 1) % tasks]) + 1;
    });
    std::swap(now, next);
  }
  for (const int value : now) BOOST_TEST(value == phases);
}

BOOST_DATA_TEST_CASE(the_first_exception_arrives_after_all_tasks, pool_sizes, workers) {
  WorkerPool pool(workers);
  std::vector<int> done(20);
  const auto fail = [&] {
    pool.for_each(done.size(), [&](std::size_t index, std::size_t) {
      ++done[index];
      if (index % 3 == 0) throw std::runtime_error("task failed");
    });
  };
  BOOST_CHECK_THROW(fail(), std::runtime_error);
  BOOST_TEST(std::count(done.begin(), done.end(), 1) == 20);
  // The pool goes on without it.
  pool.for_each(done.size(), [&](std::size_t index, std::size_t) { ++done[index]; });
  BOOST_TEST(std::count(done.begin(), done.end(), 2) == 20);
}

/// The calling thread is a worker, too: its passes stay on it during a phase, and have their threads again afterwards.
BOOST_AUTO_TEST_CASE(passes_inside_a_task_stay_on_its_thread) {
  const ComputeThreads passes(2);
  const WorkerPool* before = compute_threads();
  BOOST_REQUIRE(before != nullptr);
  WorkerPool pool(3);
  std::vector<int> serial(9);
  pool.for_each(serial.size(),
                [&](std::size_t index, std::size_t) { serial[index] = compute_threads() == nullptr; });
  BOOST_TEST(std::count(serial.begin(), serial.end(), 1) == 9);
  BOOST_TEST(compute_threads() == before);
}

BOOST_AUTO_TEST_SUITE_END()
