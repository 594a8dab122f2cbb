#include "tools/admmbench/commands/rerun.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>

#include "core/io/csv.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/config/yaml_tree.hpp"
#include "experiments/harness/external/external_solver.hpp"
#include "experiments/harness/run/environment.hpp"
#include "experiments/harness/session.hpp"
#include "results/comparison/repetition.hpp"
#include "results/record/made_elsewhere.hpp"
#include "results/record/run_file.hpp"
#include "tools/admmbench/commands/result_set.hpp"
#include "tools/admmbench/console.hpp"

namespace admmbench {

namespace {

namespace fs = std::filesystem;

constexpr int exit_differs = 4;  // as `compare`
constexpr int exit_interrupted = 130;

struct RerunOptions {
  std::vector<fs::path> results;
  fs::path out;  ///< empty: a temporary folder
  std::optional<double> tolerance;
  bool programs = false;  ///< start the programs that results name
};

/// Throws if `before` was not made by a method of the suite. A result file may come from anybody, and so may the command in it.
void require_own_method(const RunRecord& before, bool programs) {
  const std::string& solver = before.attributes.solver;
  if (solver == imported_name) throw std::runtime_error("an imported result: its run was made elsewhere");
  if (solver != external_name || programs) return;
  const ConfigValue config = parse_yaml(before.attributes.config, before.path.string());
  const ConfigValue* command = find_path(config, "solver.params.command");
  throw std::runtime_error(fmt::format("was made by a program; --programs starts it: {}",
                                       command == nullptr ? "(not stored)" : to_flow(*command)));
}

/// Where the repeated runs go; removed at the end unless the user named it.
class Workplace {
 public:
  explicit Workplace(const fs::path& wanted) : folder_(wanted), kept_(!wanted.empty()) {
    if (kept_) {
      fs::create_directories(folder_);
      return;
    }
    std::string name = (fs::temp_directory_path() / "admmbench-rerun-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      throw std::runtime_error(name + ": cannot make this temporary folder");
    folder_ = name;
  }
  ~Workplace() {
    std::error_code ignored;
    if (!kept_) fs::remove_all(folder_, ignored);
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
  bool kept_;
};

/// Makes the run of `before` again, from its stored configuration alone; its file.
fs::path repeat(const RunRecord& before, const fs::path& folder, const Environment& environment) {
  const RunAttributes& a = before.attributes;
  // A repeated run of another result may be there: a number apart.
  fs::path place = folder;
  for (int number = 0; place == folder || fs::exists(place); ++number)
    place = folder / fmt::format("{}-{}-seed-{}-{}", a.experiment, a.label, a.seed, number);
  fs::create_directories(place);
  const fs::path file = place / "experiment.yaml";
  write_text_file(file, experiment_of(a.config));
  SessionOptions options;
  options.out = place;
  options.force = true;
  Downloads downloads;
  show_downloads(downloads);
  Session session = open_session(load_experiment(file), options, downloads);
  if (session.runs.size() != 1) throw std::runtime_error("its configuration is not that of one run");
  const std::string& data = session.identities[session.runs.front().dataset];
  if (!a.data_sha256.empty() && data != a.data_sha256)
    throw std::runtime_error(
        fmt::format("made from other data: data_sha256 was {:.12}, is {:.12}", a.data_sha256, data));
  RunObserver nobody;
  const SessionSummary summary = run_session(session, {1, a.threads}, environment, nobody);
  if (summary.interrupted()) throw CLI::RuntimeError(exit_interrupted);
  if (summary.runs.unusable_data) std::rethrow_exception(summary.runs.unusable_data);
  return session.runs.front().result;
}

std::string text_of(const Repetition& found, double tolerance) {
  if (found.identical) return "identical to the bit in all but time";
  if (!found.shape.empty()) return fmt::format("differs: {}", found.shape);
  const std::string largest =
      found.largest ? fmt::format("{:.2g} in {}", found.largest->relative, found.largest->where) : "none";
  if (found.other_machine.empty()) return fmt::format("differs: largest relative difference {}", largest);
  return fmt::format("{}: largest relative difference {}, {} allowed on another kind of machine",
                     found.holds(tolerance) ? "agrees" : "differs", largest, tolerance);
}

void rerun(const RerunOptions& options) {
  ResultFiles files = read_result_files(options.results);
  const Workplace workplace(options.out);
  const Environment environment = probe_environment();
  bool all_hold = true;
  std::size_t not_repeated = files.damaged;
  for (const RunRecord& before : files.runs) {
    const std::string name = before.path.string();
    if (!is_complete(before.attributes.status)) {
      spdlog::error("{}: {}: an incomplete run has no end to compare", name,
                    to_string(before.attributes.status));
      ++not_repeated;
      continue;
    }
    try {
      require_own_method(before, options.programs);
      const RunRecord now = read_run(repeat(before, workplace.folder(), environment));
      const Repetition found = compare_repetition(before, now);
      const double tolerance = options.tolerance.value_or(repetition_tolerance(before.attributes.precision));
      fmt::print("{}: {}\n", name, text_of(found, tolerance));
      for (const std::string& other : found.other_machine) fmt::print("  {}\n", other);
      std::fflush(stdout);
      all_hold = all_hold && found.holds(tolerance);
    } catch (const CLI::Error&) {
      throw;
    } catch (const std::exception& error) {
      spdlog::error("{}: cannot be repeated: {}", name, error.what());
      ++not_repeated;
    }
  }
  if (not_repeated > 0)
    throw std::runtime_error(fmt::format("{} of {} results could not be repeated, see above", not_repeated,
                                         files.runs.size() + files.damaged));
  if (!all_hold) throw CLI::RuntimeError(exit_differs);
}

}  // namespace

void add_rerun_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("rerun", "make results again from what they hold, and compare");
  const auto options = std::make_shared<RerunOptions>();
  command->add_option("RESULTS", options->results, "result files, or folders of them")
      ->required()
      ->type_name("RESULTS");
  command->add_option("-o,--out", options->out, "keep the repeated results in this folder")->type_name("DIR");
  command
      ->add_option("--tolerance", options->tolerance,
                   "largest relative difference on another kind of machine [1e-6, float32: 1e-3]")
      ->check(CLI::Range(0.0, 1.0));
  command->add_flag(
      "--programs", options->programs,
      "start the programs of solver `external` that results name: only for results that you trust");
  command->footer(
      "On the same kind of machine (BLAS and its kernels, vectors, code) every bit but\n"
      "the times must be the same. Data files are looked for from the working folder.\n"
      "Exit code 4 if a result comes out otherwise.\n"
      "Example:\n  admmbench rerun results/runs/first-run/cora/dlADMM/seed-0.h5");
  command->callback([options] { rerun(*options); });
}

}  // namespace admmbench
