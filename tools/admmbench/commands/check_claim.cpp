#include "tools/admmbench/commands/check_claim.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "core/program/installed_files.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/expected_time.hpp"
#include "experiments/harness/session.hpp"
#include "results/claims/rerun.hpp"
#include "results/record/find_or_add.hpp"
#include "tools/admmbench/commands/claim_runs.hpp"
#include "tools/admmbench/commands/result_set.hpp"
#include "tools/admmbench/console.hpp"
#include "tools/admmbench/progress_display.hpp"

namespace admmbench {

namespace {

constexpr int exit_otherwise = 4;  // as `compare`
constexpr int exit_interrupted = 130;

struct CheckClaimOptions {
  std::string name;
  bool quick = false;
  long jobs = 1;
};

/// One experiment of the claim.
struct Part {
  NeededRuns needed;
  Session session;
};

OfferedRuns offered_by(const Experiment& experiment) {
  OfferedRuns offered{experiment.name, {}, {}, {}};
  for (const DatasetEntry& entry : experiment.datasets) offered.datasets.push_back(entry.request.label);
  for (const SolverVariant& solver : experiment.solvers) find_or_add(offered.labels, solver.label);
  offered.seeds.assign(experiment.seeds.begin(), experiment.seeds.end());
  return offered;
}

std::vector<std::string> selection_of(const OfferedRuns& runs) {
  std::vector<std::string> keys;
  for (const std::string& dataset : runs.datasets) keys.push_back("dataset=" + dataset);
  for (const std::string& label : runs.labels) keys.push_back("label=" + label);
  for (const std::int64_t seed : runs.seeds) keys.push_back(fmt::format("seed={}", seed));
  return keys;
}

/// The settings and the folder of `make reproduce PROFILE=claims`, whose complete runs are the same runs.
Part open_part(const Claim& claim, const std::string& name, const std::vector<RunRecord>& committed,
               bool quick, Downloads& downloads) {
  Experiment experiment = load_experiment(claim_experiment_file(name), "", {"record.weights=false"});
  NeededRuns needed = needed_runs(claim, offered_by(experiment), committed, quick);
  if (needed.runs.labels.empty()) throw std::runtime_error(name + " has none of the methods of this claim");
  SessionOptions options;
  options.only = selection_of(needed.runs);
  options.out = "results/runs/claims";
  options.missing = MissingData::skip;
  return {std::move(needed), open_session(std::move(experiment), options, downloads)};
}

std::vector<Part> open_parts(const Claim& claim, const std::vector<RunRecord>& committed, bool quick) {
  std::vector<std::string> names;
  for (const Check& check : claim.checks) find_or_add(names, check.experiment);
  Downloads downloads;
  show_downloads(downloads);
  std::vector<Part> parts;
  for (const std::string& name : names) parts.push_back(open_part(claim, name, committed, quick, downloads));
  return parts;
}

// --------------------------------------------------------------------------------------------------- what is said first

ExpectedTime expected_time(const std::vector<Part>& parts, const std::vector<RunRecord>& committed,
                           long jobs) {
  ExpectedTime all;
  for (const Part& part : parts) all += expected_time(part.session, committed, jobs);
  return all;
}

void print_left_out(const NeededRuns& needed) {
  std::vector<std::string> parts;
  if (!needed.left_out.datasets.empty())
    parts.push_back(fmt::format("data sets {}", fmt::join(needed.left_out.datasets, ", ")));
  if (!needed.left_out.seeds.empty())
    parts.push_back(fmt::format("seeds {}", fmt::join(needed.left_out.seeds, ", ")));
  if (!parts.empty()) fmt::print("left out of {}: {}\n", needed.runs.experiment, fmt::join(parts, "; "));
}

void print_what_comes(const Claim& claim, const std::vector<Part>& parts,
                      const std::vector<RunRecord>& committed, long jobs) {
  std::size_t pending = 0, cached = 0;
  for (const Part& part : parts) {
    pending += part.session.pending();
    cached +=
        static_cast<std::size_t>(std::count(part.session.cached.begin(), part.session.cached.end(), true));
  }
  fmt::print("{}: {}\n", claim.id, claim.text);
  fmt::print("{} runs to make, {} cached, in results/runs/claims; expected: {}\n", pending, cached,
             expected_text(expected_time(parts, committed, jobs)));
  for (const Part& part : parts) print_left_out(part.needed);
  for (const Part& part : parts) {
    for (const MissingSet& set : part.session.missing) spdlog::warn("skipped: {}", set.reason);
  }
  std::fflush(stdout);
}

// ----------------------------------------------------------------------------------------------------------- afterwards

void run_parts(std::vector<Part>& parts, long jobs, const Console& console) {
  const Environment environment = probe_environment();
  for (Part& part : parts) {
    if (part.session.runs.empty()) continue;
    ProgressDisplay display(console.quiet, probe_terminal(STDOUT_FILENO, console.color));
    const SessionSummary summary = run_session(part.session, {jobs, 1}, environment, display);
    for (const std::string& failure : summary.runs.failures) spdlog::error("failed: {}", failure);
    if (summary.runs.unusable_data) std::rethrow_exception(summary.runs.unusable_data);
    if (!summary.interrupted()) continue;
    spdlog::warn("interrupted; complete results are kept. This resumes:\n  {}", console.command_line);
    throw CLI::RuntimeError(exit_interrupted);
  }
}

/// The runs that were made or reused, and no others that may be in the folder.
std::vector<RunRecord> runs_of(const std::vector<Part>& parts, const std::vector<Claim>& claims) {
  std::vector<std::filesystem::path> files;
  for (const Part& part : parts) {
    for (const Run& run : part.session.runs) {
      if (std::filesystem::exists(run.result)) files.push_back(run.result);
    }
  }
  std::size_t damaged = 0;
  std::vector<RunRecord> runs = read_claim_runs(files, claims, damaged);
  require_undamaged(damaged);
  return runs;
}

/// With fewer seeds than the file has, as many are planned: `every` asks for no more.
std::vector<PlannedExperiment> plan_of(std::vector<PlannedExperiment> plan, const std::vector<Part>& parts) {
  for (PlannedExperiment& planned : plan) {
    for (const Part& part : parts) {
      if (part.needed.runs.experiment == planned.name) planned.seeds = part.needed.runs.seeds.size();
    }
  }
  return plan;
}

void print_units(const JudgementDifference& difference) {
  fmt::print("{} unit{} as committed, {} otherwise, {} without runs here\n", difference.same,
             difference.same == 1 ? "" : "s", difference.units.size(), difference.without_runs);
  for (const UnitDifference& one : difference.units) {
    fmt::print("  {}: {}was {}, is {}\n    committed: {}\n    here:      {}\n", one.now.name,
               one.opposite() ? "the opposite: " : "", to_string(one.before.outcome),
               to_string(one.now.outcome), one.before.measured, one.now.measured);
  }
}

/// Fewer runs decide less; only the opposite contradicts them.
bool contradicts(const JudgementDifference& difference, bool quick) {
  if (!quick) return !difference.units.empty();
  return std::any_of(difference.units.begin(), difference.units.end(),
                     [](const UnitDifference& one) { return one.opposite(); });
}

void check_claim(const CheckClaimOptions& options, const Console& console) {
  const std::vector<Claim> claims = load_claims(claims_folder());
  const auto claim =
      std::find_if(claims.begin(), claims.end(), [&](const Claim& one) { return one.id == options.name; });
  if (claim == claims.end()) unknown_claim("check-claim", options.name, claims);
  if (rests_on_team_timings(*claim))
    config_error(
        "check-claim", claim->id,
        "rests on timings of processes that share a run, which no experiment makes; measure them with "
        "tools/measure-team, then `admmbench claims " +
            claim->id + "`");
  std::size_t damaged = 0;
  const auto committed = read_claim_runs({installed_files() / "results/summaries"}, claims, damaged);
  std::vector<Part> parts = open_parts(*claim, committed, options.quick);
  print_what_comes(*claim, parts, committed, options.jobs);
  run_parts(parts, options.jobs, console);
  const std::vector<PlannedExperiment> plan = planned_experiments({*claim});
  const JudgedClaim before = judge(*claim, committed, plan);
  const JudgedClaim now = judge(*claim, runs_of(parts, claims), plan_of(plan, parts));
  const JudgementDifference found = difference(before, now);
  fmt::print("committed: {}\nhere:      {}\n", before.text, now.text);
  print_units(found);
  std::fflush(stdout);
  if (contradicts(found, options.quick)) throw CLI::RuntimeError(exit_otherwise);
}

}  // namespace

void add_check_claim_command(CLI::App& app, const Console& console) {
  CLI::App* command = app.add_subcommand("check-claim", "run what a claim needs, and judge it again");
  const auto options = std::make_shared<CheckClaimOptions>();
  command->add_option("CLAIM", options->name, "its name; `admmbench claims --brief` lists them")
      ->required()
      ->type_name("CLAIM");
  command->add_flag("--quick", options->quick,
                    "the smallest part that gives numbers: the quickest data set, one or two seeds");
  command->add_option("--jobs", options->jobs, "runs at once; one where the experiment says `alone`")
      ->type_name("N")
      ->check(CLI::Range(1L, 4096L))
      ->capture_default_str();
  command->footer(
      "Complete runs in results/runs/claims are reused. Exit code 4 if a unit comes out\notherwise, with "
      "--quick "
      "if one says the opposite.\nExample:\n  admmbench check-claim dladmm-descends --quick");
  command->callback([options, &console] { check_claim(*options, console); });
}

}  // namespace admmbench
