#include "solvers/averaged.hpp"

#include "core/compute/parallel_pass.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

namespace {

/// mean <- d mean + (1 - d) value.
template <class T>
void move_average(T d, const arma::Mat<T>& value, arma::Mat<T>& mean) {
  for_entries(reads(value, mean), writes(mean),
              [d, rest = T(1) - d, v = value.memptr(), m = mean.memptr()](std::size_t i) {
                m[i] = d * m[i] + rest * v[i];
              });
}

template <class T>
class Averaged final : public Solver<T> {
 public:
  Averaged(std::unique_ptr<Solver<T>> method, double decay)
      : method_(std::move(method)), decay_(static_cast<T>(decay)) {
    method_->watch_updates([this](const Network<T>& current) { observe(current); });
  }

  Network<T> initial_network(const Problem<T>& given, std::uint64_t seed) const override {
    return method_->initial_network(given, seed);
  }

  void step() override {
    updates_ = 0;
    method_->step();
    if (updates_ == 0) observe(method_->network());
  }

  const Network<T>& network() const override { return mean_; }
  bool shares_layers() const override { return method_->shares_layers(); }
  bool shares_samples() const override { return method_->shares_samples(); }
  Diagnostics diagnostics() const override { return method_->diagnostics(); }
  bool counts_operations() const override { return method_->counts_operations(); }

  void visit_state(StateVisitor<T>& visitor) const override {
    method_->visit_state(visitor);
    for (arma::uword l = 1; l <= mean_.layers(); ++l) {
      visitor.matrix(layer_name("mean_W", l), mean_.W[l - 1]);
      visitor.vector(layer_name("mean_b", l), mean_.b[l - 1]);
    }
  }

  void archive(StateArchive& archive) override {
    method_->archive(archive);
    archive(mean_);
  }

 protected:
  void start(Network<T> initial, std::uint64_t seed) override {
    if (this->team() != nullptr) method_->share(*this->team());
    method_->initialize(this->problem(), std::move(initial), seed);
    mean_ = owned(method_->network());
  }

 private:
  /// Copies that own their memory: a method's network may be a view of it.
  static Network<T> owned(const Network<T>& given) {
    Network<T> copy;
    for (arma::uword l = 0; l < given.layers(); ++l) {
      copy.W.emplace_back(given.W[l]);
      copy.b.emplace_back(given.b[l]);
    }
    return copy;
  }

  static bool same_shape(const Network<T>& one, const Network<T>& other) {
    if (one.layers() != other.layers()) return false;
    for (arma::uword l = 0; l < one.layers(); ++l) {
      if (arma::size(one.W[l]) != arma::size(other.W[l])) return false;
    }
    return true;
  }

  void observe(const Network<T>& current) {
    ++updates_;
    if (!same_shape(current, mean_)) {  // a method that adds layers in stages: the average starts anew
      mean_ = owned(current);
      return;
    }
    for (arma::uword l = 0; l < current.layers(); ++l) {
      move_average<T>(decay_, current.W[l], mean_.W[l]);
      for (arma::uword i = 0; i < current.b[l].n_elem; ++i) {
        mean_.b[l][i] = decay_ * mean_.b[l][i] + (T(1) - decay_) * current.b[l][i];
      }
    }
  }

  std::unique_ptr<Solver<T>> method_;
  T decay_;
  Network<T> mean_;
  long updates_ = 0;  ///< that the method told of in this iteration
};

}  // namespace

template <class T>
std::unique_ptr<Solver<T>> averaged(std::unique_ptr<Solver<T>> method, double decay) {
  return std::make_unique<Averaged<T>>(std::move(method), decay);
}

template std::unique_ptr<Solver<float>> averaged(std::unique_ptr<Solver<float>>, double);
template std::unique_ptr<Solver<double>> averaged(std::unique_ptr<Solver<double>>, double);

}  // namespace admmbench
