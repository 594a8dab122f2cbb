#include "experiments/harness/external/external_solver.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "core/compute/parallel_pass.hpp"
#include "core/io/line_process.hpp"
#include "core/io/shared_memory.hpp"
#include "core/program/installed_files.hpp"
#include "solvers/solver.hpp"

namespace admmbench {
namespace {

using JsonValue = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr double seconds_to_end = 5;
constexpr std::size_t alignment = 64;  // bytes: what any library wants of an array

/// Where an array lies, as `arrays` of the protocol describes it.
struct Place {
  std::string name;
  std::vector<arma::uword> shape;
  const char* type;
  std::size_t offset;

  JsonValue json() const { return {{"name", name}, {"shape", shape}, {"type", type}, {"offset", offset}}; }
};

template <class Entry>
constexpr const char* type_name() {
  if constexpr (std::is_same_v<Entry, float>) return "float32";
  if constexpr (std::is_same_v<Entry, double>) return "float64";
  return "int64";
}

/// Places for arrays, one after the other.
class Layout {
 public:
  template <class Entry>
  const Place& add(std::string name, std::vector<arma::uword> shape) {
    std::size_t size = sizeof(Entry);
    for (const arma::uword side : shape) size *= side;
    places_.push_back({std::move(name), std::move(shape), type_name<Entry>(), size_});
    size_ += (size + alignment - 1) / alignment * alignment;
    return places_.back();
  }
  std::size_t size() const { return std::max(size_, alignment); }
  const std::vector<Place>& places() const { return places_; }
  const Place& at(const std::string& name) const {
    return *std::find_if(places_.begin(), places_.end(),
                         [&](const Place& place) { return place.name == name; });
  }

 private:
  std::vector<Place> places_;
  std::size_t size_ = 0;
};

/// The problem and the network in memory that the program shares, row by row.
template <class T>
class SharedProblem {
 public:
  SharedProblem(const Problem<T>& problem, const Network<T>& initial)
      : layout_(layout_of(problem, initial)), memory_(layout_.size()) {
    // Columns of ours are rows of theirs: samples.
    std::memcpy(at<T>("x"), problem.x().memptr(), problem.x().n_elem * sizeof(T));
    std::memcpy(at<T>("targets"), problem.targets().memptr(), problem.targets().n_elem * sizeof(T));
    if (problem.train->has_labels()) {
      auto* label = at<std::int64_t>("labels");
      for (const arma::uword mine : problem.train->labels) *label++ = static_cast<std::int64_t>(mine);
    }
    for (arma::uword l = 1; l <= initial.layers(); ++l) {
      const arma::Mat<T>& W = initial.W[l - 1];
      arma::Mat<T> rows(at<T>(layer_name("W", l)), W.n_cols, W.n_rows, false, true);
      rows = W.t();
      std::memcpy(at<T>(layer_name("b", l)), initial.b[l - 1].memptr(), initial.b[l - 1].n_elem * sizeof(T));
    }
  }

  /// network <- W and b as the program has them now.
  void read(Network<T>& network) const {
    for (arma::uword l = 1; l <= network.layers(); ++l) {
      arma::Mat<T>& W = network.W[l - 1];
      arma::Mat<T>& b = network.b[l - 1];
      const arma::Mat<T> rows(const_cast<T*>(at<T>(layer_name("W", l))), W.n_cols, W.n_rows, false, true);
      W = rows.t();
      std::memcpy(b.memptr(), at<T>(layer_name("b", l)), b.n_elem * sizeof(T));
    }
  }

  std::string path() const { return memory_.path(); }
  JsonValue arrays() const {
    JsonValue list = JsonValue::array();
    for (const Place& place : layout_.places()) list.push_back(place.json());
    return list;
  }

 private:
  static Layout layout_of(const Problem<T>& problem, const Network<T>& initial) {
    Layout layout;
    const arma::uword N = problem.samples();
    layout.add<T>("x", {N, problem.x().n_rows});
    layout.add<T>("targets", {N, problem.targets().n_rows});
    if (problem.train->has_labels()) layout.add<std::int64_t>("labels", {N});
    for (arma::uword l = 1; l <= initial.layers(); ++l) {
      const arma::Mat<T>& W = initial.W[l - 1];
      layout.add<T>(layer_name("W", l), {W.n_rows, W.n_cols});
      layout.add<T>(layer_name("b", l), {W.n_rows});
    }
    return layout;
  }
  template <class Entry>
  Entry* at(const std::string& name) {
    return reinterpret_cast<Entry*>(static_cast<char*>(memory_.data()) + layout_.at(name).offset);
  }
  template <class Entry>
  const Entry* at(const std::string& name) const {
    return reinterpret_cast<const Entry*>(static_cast<const char*>(memory_.data()) + layout_.at(name).offset);
  }

  Layout layout_;
  SharedMemory memory_;
};

JsonValue own_parameters(const ExternalParameters& p) {
  JsonValue values = JsonValue::object();
  for (const auto& [name, text] : p.own) values[name] = JsonValue::parse(text);
  return values;
}

/// A number of an answer, which may be one of the texts for those that JSON does not have.
double to_number(const JsonValue& value, const std::string& name) {
  if (value.is_number()) return value.get<double>();
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  throw std::runtime_error(fmt::format(
      "the program says {} is {}; allowed: a number, \"nan\", \"inf\" or \"-inf\"", name, value.dump()));
}

std::string shortened(const std::string& text) {
  return text.size() <= 80 ? text : text.substr(0, 77) + "...";
}

/// Words that end like this are files, though nobody can know it of others.
constexpr std::string_view script_endings[] = {".py",  ".R",  ".r",  ".jl", ".m",
                                               ".lua", ".js", ".rb", ".pl", ".sh"};

/// True if `name` can be started: with a slash as it is, else from PATH.
bool is_program(const std::string& name) {
  const auto runs = [](const fs::path& file) {
    return fs::is_regular_file(file) && access(file.c_str(), X_OK) == 0;
  };
  if (name.find('/') != std::string::npos) return runs(name);
  const char* given = std::getenv("PATH");
  std::istringstream folders(given == nullptr ? "/usr/bin:/bin" : given);
  for (std::string folder; std::getline(folders, folder, ':');)
    if (runs(fs::path(folder.empty() ? "." : folder) / name)) return true;
  return false;
}

/// The variables that a program finds beside those of its user.
std::vector<std::pair<std::string, std::string>> variables(std::size_t threads) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"})
    result.emplace_back(name, std::to_string(threads));
  std::string path = (installed_files() / "python").string();
  if (const char* given = std::getenv("PYTHONPATH"); given != nullptr && *given != '\0')
    path += fmt::format(":{}", given);
  result.emplace_back("PYTHONPATH", path);
  // Else what a solver of the package prints before it speaks would stand among the answers.
  result.emplace_back("PYTHONUNBUFFERED", "");
  return result;
}

template <class T>
class ExternalSolver final : public Solver<T> {
 public:
  ExternalSolver(const ExternalParameters& p, std::vector<std::string> command)
      : p_(p), command_(std::move(command)) {}
  ~ExternalSolver() override {
    if (process_) process_->end(R"({"do": "end"})", LineProcess::Seconds(seconds_to_end));
  }

  void step() override {
    ask(step_);
    network_is_old_ = true;
  }

  /// Of a program that has failed, as it was last seen.
  const Network<T>& network() const override {
    if (network_is_old_ && process_) {
      ask(weights_);
      shared_->read(network_);
      network_is_old_ = false;
    }
    return network_;
  }

  Diagnostics diagnostics() const override {
    const JsonValue answer = ask(diagnostics_);
    Diagnostics result;
    const bool first = !knows_columns_;
    knows_columns_ = true;
    // Columns are those of the first answer: what is missing later is not known, what comes later had no place before.
    for (const std::string& name : columns_)
      result.named.emplace_back(name, std::numeric_limits<double>::quiet_NaN());
    if (has_residual_) result.residual = std::numeric_limits<double>::quiet_NaN();
    const auto place = [&](const std::string& column) -> double& {
      if (first) {
        columns_.push_back(column);
        return result.named.emplace_back(column, 0.0).second;
      }
      const auto known = std::find_if(result.named.begin(), result.named.end(),
                                      [&](const auto& entry) { return entry.first == column; });
      if (known != result.named.end()) return known->second;
      throw std::runtime_error(
          fmt::format("'{}' says {}, which it did not at the initial point", command_text(), column));
    };
    for (const auto& [name, value] : answer.items()) {
      if (name == "objective") {
        result.objective = to_number(value, name);
      } else if (name == "residual") {
        if (!first && !has_residual_)
          throw std::runtime_error(
              fmt::format("'{}' says residual, which it did not at the initial point", command_text()));
        has_residual_ = true;
        result.residual = to_number(value, name);
      } else if (name == "columns" && value.is_object()) {
        for (const auto& [column, entry] : value.items())
          place(column) = to_number(entry, "column " + column);
      } else {
        throw std::runtime_error(
            fmt::format("'{}' answered diagnostics with '{}'; allowed: objective, residual, columns",
                        command_text(), name));
      }
    }
    return result;
  }

  bool counts_operations() const override { return false; }

  /// Nothing: what the program remembers is its own, so its runs have no checkpoints.
  void archive(StateArchive& /*archive*/) override {}

 protected:
  using Solver<T>::problem;

  void start(Network<T> initial, std::uint64_t seed) override {
    if (command_.empty()) throw std::runtime_error("external: no `command`");
    shared_ = std::make_unique<SharedProblem<T>>(problem(), initial);
    network_ = std::move(initial);
    const WorkerPool* pool = compute_threads();
    const std::size_t threads = pool == nullptr ? 1 : pool->workers();
    process_ = std::make_unique<LineProcess>(command_, variables(threads));
    const JsonValue request{{"do", "initialise"},
                            {"protocol", 1},
                            {"memory", shared_->path()},
                            {"arrays", shared_->arrays()},
                            {"widths", problem().widths},
                            {"activation", std::string(to_string(problem().activation))},
                            {"loss", std::string(to_string(problem().loss))},
                            {"precision", type_name<T>()},
                            {"iterations", problem().iterations},
                            {"seed", seed},
                            {"threads", threads},
                            {"params", own_parameters(p_)}};
    ask(request.dump());
    network_is_old_ = true;
    knows_columns_ = has_residual_ = false;
    columns_.clear();
  }

 private:
  std::string command_text() const { return fmt::format("{}", fmt::join(p_.command, " ")); }

  /// The answer to `request`. Throws what the program says is wrong, or what is wrong with the program, which is over then.
  JsonValue ask(const std::string& request) const {
    if (!process_) throw std::logic_error("the program has ended");
    try {
      return answer_to(request);
    } catch (...) {
      process_.reset();
      throw;
    }
  }

  JsonValue answer_to(const std::string& request) const {
    const std::string line = process_->ask(request, LineProcess::Seconds(p_.answer_limit));
    if (line == "{}") return JsonValue::object();
    JsonValue answer = JsonValue::parse(line, nullptr, false);
    if (!answer.is_object()) {
      throw std::runtime_error(fmt::format(
          "'{}' answered '{}'; allowed: one line with an object of JSON (what is meant for people belongs on "
          "standard error)",
          command_text(), shortened(line)));
    }
    if (const auto error = answer.find("error"); error != answer.end())
      throw std::runtime_error(error->is_string() ? error->template get<std::string>() : error->dump());
    return answer;
  }

  ExternalParameters p_;
  std::vector<std::string> command_;  ///< with files where they are
  std::unique_ptr<SharedProblem<T>> shared_;
  mutable std::unique_ptr<LineProcess> process_;  ///< null once it has failed
  mutable Network<T> network_;
  mutable bool network_is_old_ = false;
  mutable bool knows_columns_ = false;
  mutable bool has_residual_ = false;
  mutable std::vector<std::string> columns_;  ///< of the first diagnostics
  // Requests without arguments, made once: a step is timed.
  const std::string step_ = R"({"do": "step"})";
  const std::string weights_ = R"({"do": "weights"})";
  const std::string diagnostics_ = R"({"do": "diagnostics"})";
};

class ConfiguredExternal final : public ConfiguredSolver {
 public:
  void visit(ParameterVisitor& visitor) override {
    parameters_.visit(visitor);
    visit_average(visitor, average_);
    visitor.rest(parameters_.own, "handed on to the program");
  }
  bool apply_preset(std::string_view /*name*/) override { return false; }
  std::unique_ptr<Solver<float>> make_float32() const override { return make_of<float>(); }
  std::unique_ptr<Solver<double>> make_float64() const override { return make_of<double>(); }

  void look_for_files(const fs::path& folder) override {
    FoundFiles command = find_files(parameters_.command, folder);
    command_ = std::move(command.words);
    files_ = std::move(command.files);
    for (const fs::path& file : find_files(parameters_.files, folder).files) files_.push_back(file);
  }
  std::vector<fs::path> files() const override { return files_; }

 private:
  template <class T>
  std::unique_ptr<Solver<T>> make_of() const {
    std::unique_ptr<Solver<T>> method = std::make_unique<ExternalSolver<T>>(parameters_, command_);
    return average_.decay ? averaged(std::move(method), *average_.decay) : std::move(method);
  }

  ExternalParameters parameters_;
  AverageOptions average_;
  std::vector<std::string> command_;
  std::vector<fs::path> files_;
};

}  // namespace

FoundFiles find_files(const std::vector<std::string>& words, const fs::path& folder) {
  FoundFiles found;
  for (const std::string& word : words) {
    found.words.push_back(word);
    for (const fs::path& candidate : {folder / word, fs::path(word)}) {
      std::error_code unreadable;
      if (!fs::is_regular_file(candidate, unreadable)) continue;
      found.words.back() = fs::absolute(candidate).lexically_normal().string();
      found.files.emplace_back(found.words.back());
      break;
    }
  }
  return found;
}

std::string missing_in_command(const std::vector<std::string>& command, const fs::path& folder) {
  const std::vector<std::string> found = find_files(command, folder).words;
  for (std::size_t i = 0; i < command.size(); ++i) {
    const std::string& word = command[i];
    const std::string ending = fs::path(word).extension().string();
    const bool script =
        std::find(std::begin(script_endings), std::end(script_endings), ending) != std::end(script_endings);
    if (script && word.front() != '-' && found[i] == word && !fs::exists(word)) {
      return fmt::format(
          "there is no file '{}', neither in {} (the experiment's folder) nor in {} (the working directory)",
          word, fs::absolute(folder).lexically_normal().string(), fs::current_path().string());
    }
  }
  if (!is_program(found.front())) return fmt::format("there is no program '{}'", command.front());
  return {};
}

namespace {

SolverInfo external_info() {
  SolverInfo info;
  info.name = std::string(external_name);
  info.summary = "a program in any language, talked to over its standard streams";
  info.reference = "docs/reference/solver-protocol.md";
  info.make_default = [] { return std::make_unique<ConfiguredExternal>(); };
  return info;
}

[[maybe_unused]] const bool registered = (detail::add_solver(external_info()), true);

}  // namespace

}  // namespace admmbench
