#include "results/record/network_file.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "core/io/hdf5_file.hpp"

namespace admmbench {

template <class T>
Network<T> read_network(const std::filesystem::path& path, const std::vector<arma::uword>& widths) {
  const Hdf5File file = Hdf5File::open(path);
  std::string root;
  for (const char* candidate : {"/", "/initial/", "/final/"}) {
    if (file.exists(std::string(candidate) + "W1")) {
      root = candidate;
      break;
    }
  }
  if (root.empty()) {
    throw std::runtime_error(
        fmt::format("{}: no W1 at its root, under /initial or under /final", path.string()));
  }
  const auto shape_text = [](const std::vector<std::uint64_t>& shape) {
    return fmt::format("({})", fmt::join(shape, ", "));
  };
  Network<T> network;
  for (std::size_t l = 1; l < widths.size(); ++l) {
    const std::string W = fmt::format("{}W{}", root, l);
    const std::string b = fmt::format("{}b{}", root, l);
    for (const std::string& name : {W, b}) {
      if (!file.exists(name)) throw std::runtime_error(fmt::format("{}: {} is missing", path.string(), name));
    }
    const std::vector<std::uint64_t> expected{widths[l], widths[l - 1]};
    if (file.shape(W) != expected) {
      throw std::runtime_error(fmt::format("{}: {} has shape {}, the network needs {}", path.string(), W,
                                           shape_text(file.shape(W)), shape_text(expected)));
    }
    network.W.push_back(file.read_matrix<T>(W));
    const std::vector<T> bias = file.read_vector<T>(b);
    if (bias.size() != widths[l]) {
      throw std::runtime_error(fmt::format("{}: {} has {} entries, the network needs {}", path.string(), b,
                                           bias.size(), widths[l]));
    }
    network.b.emplace_back(bias);
  }
  if (file.exists(fmt::format("{}W{}", root, widths.size()))) {
    throw std::runtime_error(
        fmt::format("{}: holds more than the network's {} layers", path.string(), widths.size() - 1));
  }
  return network;
}

template Network<float> read_network(const std::filesystem::path&, const std::vector<arma::uword>&);
template Network<double> read_network(const std::filesystem::path&, const std::vector<arma::uword>&);

}  // namespace admmbench
