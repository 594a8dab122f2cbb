#pragma once
/// Data sets that code makes, each declared in one file of its own, as solvers are:
///
///     const RegisterDataset<SpiralsParameters> registered("spirals", "two interleaved arms", make_spirals);
///
/// with `Dataset<double> make_spirals(const SpiralsParameters&)`. It then has a name in experiment files, with `params:`,
/// and the result cache knows its parameters and its sources. The same parameters must give the same data: draw through
/// core/compute/rng.hpp only.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/parameters.hpp"
#include "datasets/dataset.hpp"

namespace admmbench {

/// A generated data set chosen and configured.
class DatasetGenerator {
 public:
  virtual ~DatasetGenerator() = default;
  virtual void visit(ParameterVisitor& visitor) = 0;
  /// Drawn in double; float32 runs get it rounded. `source`, `content_sha256` and `synthetic` are set by load_dataset().
  virtual Dataset<double> make() const = 0;
};

/// Registry entry of a generated data set.
struct GeneratedDataset {
  std::string name;                                                 ///< as in experiment files
  std::string summary;                                              ///< one line
  std::function<std::unique_ptr<DatasetGenerator>()> make_default;  ///< with default parameters
};

/// All of them, in the order of their registration.
const std::vector<GeneratedDataset>& generated_datasets();

/// The entry of `name`, or nullptr.
const GeneratedDataset* find_generated_dataset(std::string_view name);

namespace detail {
void add_generated_dataset(GeneratedDataset entry);
}  // namespace detail

template <class Parameters>
class RegisterDataset {
 public:
  using Maker = Dataset<double> (*)(const Parameters&);

  RegisterDataset(std::string name, std::string summary, Maker maker) {
    detail::add_generated_dataset(
        {std::move(name), std::move(summary), [maker] { return std::make_unique<Generator>(maker); }});
  }

 private:
  class Generator final : public DatasetGenerator {
   public:
    explicit Generator(Maker maker) : maker_(maker) {}
    void visit(ParameterVisitor& visitor) override { parameters_.visit(visitor); }
    Dataset<double> make() const override { return maker_(parameters_); }

   private:
    Maker maker_;
    Parameters parameters_;
  };
};

}  // namespace admmbench
