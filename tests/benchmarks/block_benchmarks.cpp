/// The kernels that iterations are made of, at a size that fits in cache (graph) and at one that does not (image).

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <optional>

#include "core/blocks/bias_step.hpp"
#include "core/blocks/input_step.hpp"
#include "core/blocks/linear_residual.hpp"
#include "core/blocks/output_prox.hpp"
#include "core/blocks/preactivation_step.hpp"
#include "core/blocks/weight_step.hpp"
#include "core/compute/blas_threads.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "core/compute/rng.hpp"
#include "solvers/anderson.hpp"
#include "solvers/mdlam/band_step.hpp"
#include "solvers/mdlam/proximal_weight_step.hpp"
#include "solvers/pdadmm/quantizer.hpp"
#include "tests/benchmarks/benchmarks.hpp"
#include "tests/support/small_problem.hpp"

namespace admmbench::bench {

namespace {

struct Size {
  const char* name;
  arma::uword n;        ///< neurons of the layer and of the one below
  arma::uword samples;  ///< N
};
constexpr Size sizes[] = {{"100x140", 100, 140}, {"500x10000", 500, 10000}};

/// A layer's matrices, gaussian.
struct Layer {
  explicit Layer(const Size& size)
      : W(size.n, size.n),
        A(size.n, size.samples),
        z(size.n, size.samples),
        WA(size.n, size.samples),
        E(size.n, size.samples),
        g(size.n, size.samples),
        b(size.n) {
    Rng rng(1);
    for (auto* X : {&W, &A, &z, &g}) fill_normal(rng, 0.1, *X);
    fill_normal(rng, 0.1, b);
    gemm(Op::none, Op::none, 1.F, W, A, 0.F, WA);
  }
  arma::fmat W, A, z, WA, E, g;
  arma::fvec b;
};

template <class Body>
void add(const char* kernel, Body body) {
  for (const Size& size : sizes) {
    benchmark::RegisterBenchmark((std::string("block/") + kernel + "/" + size.name).c_str(),
                                 [size, body](benchmark::State& state) {
                                   Layer layer(size);
                                   body(state, layer);
                                 })
        ->UseRealTime()
        ->Unit(benchmark::kMicrosecond);
  }
}

/// One output_prox() from the forward value, 10 classes.
void add_prox(const char* kernel, OutputProx::Method method) {
  for (const arma::uword samples : {arma::uword(140), arma::uword(10000)}) {
    benchmark::RegisterBenchmark(
        ("block/" + std::string(kernel) + "/10x" + std::to_string(samples)).c_str(),
        [=](benchmark::State& state) {
          const auto problem = testing::small_problem<float>({10, 10}, samples, Loss::cross_entropy);
          OutputProx prox;
          prox.method = method;
          OutputProxWorkspace<float> workspace;
          workspace.reserve(10, samples, prox);
          arma::fmat z(10, samples);
          for (auto _ : state) {
            z.zeros();
            output_prox(prox, Loss::cross_entropy, problem.targets(), 1e-3, problem.x(), z, workspace);
          }
        })
        ->UseRealTime()
        ->Unit(benchmark::kMicrosecond);
  }
}

/// A product on all threads, cut for ComputeThreads' ("cut") or whole for BLAS's own ("blas").
void add_product(bool transpose_A, bool transpose_B, arma::uword m, arma::uword n, arma::uword k) {
  const std::string shape =
      fmt::format("product/{}x{}x{}{}{}/", m, n, k, transpose_A ? "-At" : "", transpose_B ? "-Bt" : "");
  for (const bool cut : {true, false}) {
    benchmark::RegisterBenchmark(
        (shape + (cut ? "cut" : "blas")).c_str(),
        [=](benchmark::State& state) {
          arma::fmat A(transpose_A ? k : m, transpose_A ? m : k);
          arma::fmat B(transpose_B ? n : k, transpose_B ? k : n);
          arma::fmat C(m, n, arma::fill::zeros);
          Rng rng(1);
          fill_normal(rng, 1.0, A);
          fill_normal(rng, 1.0, B);
          const WorkerPool* pool = compute_threads();
          const std::size_t threads = pool == nullptr ? 1 : pool->workers();
          std::optional<SerialCompute> whole;
          if (!cut) {
            whole.emplace();
            set_blas_threads(threads);
          }
          for (auto _ : state) {
            gemm(transpose_A ? Op::transpose : Op::none, transpose_B ? Op::transpose : Op::none, 1.F, A, B,
                 0.F, C);
          }
          set_blas_threads(1);
          const double flop = 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
          state.counters["gflops"] =
              benchmark::Counter(flop * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
        })
        ->UseRealTime()
        ->Unit(benchmark::kMicrosecond);
  }
}

}  // namespace

void register_blocks() {
  // The forward product of a big image layer, its two gradients; those of a mini-batch, of a graph, of the output layer.
  add_product(false, false, 1000, 55000, 1000);
  add_product(false, true, 1000, 1000, 55000);
  add_product(true, false, 1000, 55000, 1000);
  add_product(false, true, 1000, 784, 128);
  add_product(false, false, 500, 140, 500);
  add_product(true, false, 1000, 55000, 10);

  add("linear_residual", [](benchmark::State& state, Layer& l) {
    for (auto _ : state) linear_residual(l.WA, l.b, l.z, l.E);
  });
  add("bias_step", [](benchmark::State& state, Layer& l) {
    for (auto _ : state) bias_step(l.WA, l.z, l.b);
  });
  add("preactivation_step", [](benchmark::State& state, Layer& l) {
    for (auto _ : state) preactivation_step(Activation::relu, l.WA, l.b, l.A, l.z);
  });
  add("preactivation_step-tanh", [](benchmark::State& state, Layer& l) {
    for (auto _ : state) preactivation_step(Activation::tanh, l.WA, l.b, l.A, l.z);
  });
  add("band_preactivation_step", [](benchmark::State& state, Layer& l) {
    for (auto _ : state) {
      benchmark::DoNotOptimize(band_preactivation_step(Activation::relu, 0.01F, l.WA, l.b, l.A, l.z));
    }
  });
  add("weight_step", [](benchmark::State& state, Layer& l) {
    StepWorkspace<float> workspace;
    workspace.reserve({l.W.n_cols, l.W.n_rows});
    for (auto _ : state) {
      linear_residual(l.WA, l.b, l.z, l.E);
      weight_step({}, {}, 1.0, 0.0, 1, l.A, l.E, l.W, l.WA, workspace);
    }
  });
  add("input_step", [](benchmark::State& state, Layer& l) {
    StepWorkspace<float> workspace;
    workspace.reserve({l.W.n_cols, l.W.n_rows});
    for (auto _ : state) {
      linear_residual(l.WA, l.b, l.z, l.E);
      l.g.zeros();
      input_step({}, 1.0, 1.0, 1, l.W, l.E, l.g, l.A, l.WA, workspace);
    }
  });
  add("proximal_weight_step", [](benchmark::State& state, Layer& l) {
    ProximalWeightWorkspace<float> workspace;
    workspace.residual.reserve(l.z.n_elem);
    workspace.gradient.reserve(l.W.n_elem);
    SpectralState<float> ritz;
    for (auto _ : state) proximal_weight_step({}, {}, 1.0, 0.1, l.A, l.b, l.z, l.W, l.WA, ritz, workspace);
  });
  // A band that clips nearly every entry: the step with its trial's product.
  add("band_input_step", [](benchmark::State& state, Layer& l) {
    BandWorkspace<float> workspace;
    for (Buffer<float>* buffer : {&workspace.residual, &workspace.gradient, &workspace.direction})
      buffer->reserve(l.z.n_elem);
    SpectralState<float> ritz;
    for (auto _ : state) {
      band_input_step({}, Activation::relu, 1e-3, 1.0, l.W, l.b, l.z, l.g, l.A, l.WA, ritz, workspace);
    }
  });
  add("spectral_norm", [](benchmark::State& state, Layer& l) {
    SpectralState<float> ritz;
    for (auto _ : state) benchmark::DoNotOptimize(spectral_norm2(l.W, ritz));
  });
  add("quantize", [](benchmark::State& state, Layer& l) {
    const Quantizer<float> quantizer(LevelSet{});
    for (auto _ : state) {
      for (arma::uword i = 0; i < l.A.n_elem; ++i) l.E[i] = quantizer.nearest(l.A[i]);
    }
  });
  add("anderson-8", [](benchmark::State& state, Layer& l) {
    AndersonOptions options;
    options.memory = 8;
    Anderson<float> anderson;
    anderson.initialize(options, l.A.n_elem);
    Rng rng(2);
    const auto span = [](arma::fmat& X) { return std::span<float>(X.memptr(), X.n_elem); };
    for (auto _ : state) {
      // A linear map of norm < 1, so that the history is of full rank.
      for (arma::uword i = 0; i < l.A.n_elem; ++i)
        l.z[i] = static_cast<float>(0.9 - 0.8 * double(i) / double(l.A.n_elem)) * l.A[i];
      if (anderson.apply(span(l.A), span(l.z), span(l.E))) anderson.safeguard(true);
      l.A.swap(l.z);
    }
  });
  add_prox("output_prox-newton", OutputProx::Method::newton);
  add_prox("output_prox-fista", OutputProx::Method::fista);
}

}  // namespace admmbench::bench
