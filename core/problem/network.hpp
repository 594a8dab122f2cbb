#pragma once
/// The trained object: W_1..W_L and b_1..b_L, its initial draws, its forward pass and its evaluation.

#include <armadillo>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/compute/rng.hpp"
#include "core/parameters.hpp"
#include "core/problem/problem.hpp"

namespace admmbench {

/// Weights W_l (n_l x n_{l-1}) and biases b_l (n_l); index l-1 holds layer l.
template <class T>
struct Network {
  std::vector<arma::Mat<T>> W;
  std::vector<arma::Col<T>> b;

  arma::uword layers() const { return W.size(); }
};

/// How the random initial point is drawn.
enum class Start {
  independent,  ///< an independent stream for every array, all derived from one seed (docs/problem.md)
  reseeded      ///< the released codes' habit: the generator is re-seeded before every array
};

/// W ~ N(0, 0.1^2). Reseeded starts fill it row by row as the released codes do (NumPy, PyTorch): with one generator state
/// for all arrays the order decides which entries of different arrays agree.
template <class T>
void draw_weights(Rng& rng, Start start, arma::Mat<T>& W);

/// W_l and b_l ~ N(0, 0.1^2) (docs/problem.md#initial-point).
template <class T>
Network<T> gaussian_network(const std::vector<arma::uword>& widths, std::uint64_t seed,
                            Start start = Start::independent);

/// The laws that initial weights are drawn from, by the names of parameter `weights`; all from the same streams.
enum class InitialWeights {
  gaussian,  ///< gaussian_network()
  he,        ///< W_l ~ N(0, 2/n_{l-1}), b_l = 0 (He et al., ICCV 2015)
  small  ///< W_l ~ N(0, 0.01^2), b_l = 0, with which SGD does not train deep networks (Zeng et al., ICML 2019)
};

template <class T>
Network<T> initial_weights(InitialWeights law, const std::vector<arma::uword>& widths, std::uint64_t seed);

/// Declares parameter `weights` of a method that offers these laws.
void visit_initial_weights(ParameterVisitor& v, InitialWeights& weights);

/// W_l and b_l as views of joint matrices [W_l b_l], n_l x (n_{l-1} + 1); valid as long as their memory.
template <class T>
Network<T> joint_views(std::vector<arma::Mat<T>>& Wb);

/// to <- from, matrix by matrix, of equal shapes.
template <class T>
void copy_weights(const std::vector<arma::Mat<T>>& from, std::vector<arma::Mat<T>>& to);

/// Sets all b_l to 0, for methods whose parameter `bias` is false.
template <class T>
void clear_biases(Network<T>& network) {
  for (arma::Col<T>& b : network.b) b.zeros();
}

/// ||W_l - W_l^0||_F / ||W_l^0||_F for every layer that both have in the same shape. `first`, if given, stands for
/// layer 1, whose W need not be up to date then.
template <class T>
std::vector<double> relative_changes(const Network<T>& current, const Network<T>& initial,
                                     std::optional<double> first = std::nullopt);

/// Buffers of a forward pass over at most `block` columns at a time; sized on first use, then reused.
template <class T>
struct ForwardWorkspace {
  std::vector<arma::Mat<T>> layer;
};

/// out <- z_L (n_L x N) = W_L f(... f(W_1 x + b_1) ...) + b_L.
template <class T>
void forward(const Network<T>& network, Activation f, const arma::Mat<T>& x, ForwardWorkspace<T>& workspace,
             arma::Mat<T>& out);

/// The rest of a forward pass: `z1` (n_1 x N) holds W_1 x on entry and is scratch on return.
template <class T>
void forward_from_first(const Network<T>& network, Activation f, arma::Mat<T>& z1,
                        ForwardWorkspace<T>& workspace, arma::Mat<T>& out);

/// What a network does on a split: mean loss, and the share of right labels where there are labels.
struct Evaluation {
  double mean_loss = 0;
  std::optional<double> accuracy;
};

template <class T>
Evaluation evaluate(const Network<T>& network, const Problem<T>& problem, const Samples<T>& samples,
                    ForwardWorkspace<T>& workspace);

/// The same from the outputs z (n_L x N) of the forward pass.
template <class T>
Evaluation evaluate_outputs(const arma::Mat<T>& z, Loss loss, const Samples<T>& samples);

}  // namespace admmbench
