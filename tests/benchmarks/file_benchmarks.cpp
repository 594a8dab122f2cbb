/// Loading a data set, and what recording costs an iteration.

#include <benchmark/benchmark.h>

#include "core/compute/rng.hpp"
#include "core/io/hdf5_file.hpp"
#include "datasets/dataset.hpp"
#include "results/record/run_writer.hpp"
#include "solvers/solver.hpp"
#include "tests/benchmarks/benchmarks.hpp"
#include "tests/support/data_fixture.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/temporary_folder.hpp"

namespace admmbench::bench {

namespace {

/// data.h5 of 10,000 samples of 784 features.
void load_hdf5(benchmark::State& state) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "data.h5";
  {
    arma::fmat x(784, 10000);
    Rng rng(1);
    fill_normal(rng, 1.0, x);
    std::vector<std::int64_t> labels(x.n_cols);
    for (std::size_t n = 0; n < labels.size(); ++n) labels[n] = static_cast<std::int64_t>(n % 10);
    auto file = Hdf5File::create(path);
    for (const char* split : {"train", "test"}) {
      file.write_samples(std::string(split) + "/x", x);
      file.write_vector(std::string(split) + "/y", labels);
    }
  }
  DataRequest request;
  request.file = path;
  for (auto _ : state) benchmark::DoNotOptimize(load_dataset<float>(request));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * 2 * 784 * 10000 * 4);
}

/// The same size as IDX files, as a registered set of them is met for the first time: hashed, converted, counted, loaded.
void load_idx(benchmark::State& state) {
  const testing::DataFolder folder;
  std::string pixels(10000 * 28 * 28, '\0');
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<char>(i * i % 251);
  std::string labels(10000, '\0');
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<char>(i % 10);
  const auto images_file = folder.write("mirror/images/i", testing::idx({10000, 28, 28}, pixels));
  const auto labels_file = folder.write("mirror/images/l", testing::idx({10000}, labels));
  folder.registry("images", "idx",
                  {{"train_images", images_file},
                   {"train_labels", labels_file},
                   {"test_images", images_file},
                   {"test_labels", labels_file}},
                  "");
  for (auto _ : state) {
    state.PauseTiming();
    std::filesystem::remove_all(folder.cache);
    state.ResumeTiming();
    benchmark::DoNotOptimize(load_dataset<float>(testing::named("images")));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * 2 * 784 * 10000);
}

/// A row of the trajectory for every iteration, and the file in the end, shared out over 200 iterations: what
/// `record.every: 1` costs, evaluation excluded, beside an iteration of mDLAM on a problem as small as Cora.
void record_rows(benchmark::State& state) {
  constexpr int iterations = 200;
  const TemporaryFolder folder;
  auto problem = testing::small_problem<float>({7165, 100, 100, 7}, 140, Loss::cross_entropy);
  problem.gram = input_gram(problem);
  const auto configured = find_solver("mdlam")->make_default();
  configured->apply_preset("released");
  const auto solver = configured->make<float>();
  solver->initialize(problem, solver->initial_network(problem, 0), 0);
  double solving = 0;
  double recording = 0;
  const auto since = [](auto begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  for (auto _ : state) {
    Trajectory trajectory;
    double taken = 0;
    for (int k = 0; k < iterations; ++k) {
      auto begin = std::chrono::steady_clock::now();
      solver->step();
      solving += since(begin);
      begin = std::chrono::steady_clock::now();
      trajectory.iteration.push_back(k);
      for (const char* column :
           {"seconds", "flops", "objective", "residual", "train_loss", "train_accuracy", "test_accuracy",
            "eps", "empty_boxes", "weight_change_1", "weight_change_2", "weight_change_3"}) {
        trajectory.append(column, static_cast<double>(k));
      }
      taken += since(begin);
    }
    const auto begin = std::chrono::steady_clock::now();
    RunWriter writer(folder.path() / "run.h5");
    writer.write_trajectory(trajectory);
    writer.write_attributes({});
    writer.commit();
    taken += since(begin);
    recording += taken;
    state.SetIterationTime(taken / iterations);
  }
  state.counters["percent_of_iteration"] = 100 * recording / solving;
}

}  // namespace

void register_files() {
  benchmark::RegisterBenchmark("load/hdf5-20000x784", load_hdf5)
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("load/idx-20000x784", load_idx)->UseRealTime()->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("record/every-1", record_rows)
      ->UseManualTime()
      ->Iterations(5)
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace admmbench::bench
