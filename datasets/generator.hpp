#pragma once
/// Data sets that code makes, each declared in one file of its own, as solvers are:
///
///     const RegisterDataset<SpiralsParameters> registered("spirals", "two interleaved arms", make_spirals);
///
/// with `Dataset<double> make_spirals(const SpiralsParameters&)`, or a `Graph` that is made. It then has a name in experiment files, with `params:`,
/// and the result cache knows its parameters and its sources. The same parameters must give the same data: draw through
/// core/compute/rng.hpp only.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/parameters.hpp"
#include "datasets/dataset.hpp"
#include "datasets/graph.hpp"

namespace admmbench {

/// A generated data set chosen and configured.
class DatasetGenerator {
 public:
  virtual ~DatasetGenerator() = default;
  virtual void visit(ParameterVisitor& visitor) = 0;
  /// Drawn in double; float32 runs get it rounded. `source`, `content_sha256` and `synthetic` are set by load_dataset().
  virtual std::variant<Dataset<double>, Graph> make() const = 0;
};

/// Registry entry of a generated data set.
struct GeneratedDataset {
  std::string name;     ///< as in experiment files
  std::string summary;  ///< one line
  bool graph = false;
  /// Raised when other data are made of the same parameters; without one the sources say it (core/program/code_version.hpp).
  std::optional<int> version;
  std::function<std::unique_ptr<DatasetGenerator>()> make_default;  ///< with default parameters
};

/// All of them, sorted by name.
const std::vector<GeneratedDataset>& generated_datasets();

/// The entry of `name`, or nullptr.
const GeneratedDataset* find_generated_dataset(std::string_view name);

namespace detail {
void add_generated_dataset(GeneratedDataset entry);
}  // namespace detail

template <class Parameters>
class RegisterDataset {
 public:
  /// Made: Dataset<double> or Graph.
  template <class Made>
  RegisterDataset(std::string name, std::string summary, Made (*maker)(const Parameters&),
                  std::optional<int> version = {}) {
    detail::add_generated_dataset({std::move(name), std::move(summary), std::is_same_v<Made, Graph>, version,
                                   [maker] { return std::make_unique<Generator<Made>>(maker); }});
  }

 private:
  template <class Made>
  class Generator final : public DatasetGenerator {
   public:
    explicit Generator(Made (*maker)(const Parameters&)) : maker_(maker) {}
    void visit(ParameterVisitor& visitor) override { parameters_.visit(visitor); }
    std::variant<Dataset<double>, Graph> make() const override { return maker_(parameters_); }

   private:
    Made (*maker_)(const Parameters&);
    Parameters parameters_;
  };
};

}  // namespace admmbench
