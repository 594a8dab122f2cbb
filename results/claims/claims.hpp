#pragma once
/// The papers' claims and what our results say about them. A claim is a text and one or more checks; a check is a rule over
/// runs, one outcome per unit (data set, method or both); the verdict follows from the outcomes. Nothing here is typed in:
/// the registry (results/claims/*.yaml) holds texts and rules, never verdicts. docs/reference/claims-registry.md has the format.

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "results/claims/measures.hpp"
#include "results/record/run_record.hpp"
#include "results/statistics/line_fit.hpp"
#include "results/statistics/rate_estimate.hpp"

namespace admmbench {

enum class RuleKind {
  compare,  ///< methods against others, paired over the seeds: paired t-test (or Wilcoxon)
  bound,    ///< a measure's mean, every run's, or the best run's, at least / at most a number
  ratio,    ///< the same of paired ratios, with their geometric mean
  exponent,  ///< slope of the log of a measure on the log of the number in the data set's label, within an interval
  rate,   ///< most runs' tails follow a model (results/statistics/rate_estimate.hpp)
  offers  ///< the runs' grid goes up to a value; else the claim is not testable here
};

/// What of several runs has to keep a bound.
enum class Over {
  mean,   ///< their mean: a test
  every,  ///< each of them: what is exact (counts of bytes, a theorem about every iteration)
  best    ///< at least one, of any method on any data set: what is claimed as "up to"
};

/// How large the runs of a claim about published settings have to be. A rule says nothing from others: what is cut short may
/// be cut unevenly, and then the cut decides.
struct PublishedSize {
  std::vector<std::pair<std::string, std::int64_t>> iterations;  ///< of a label; "others": of those not named
  std::int64_t samples = 0;                                      ///< training samples; 0: the data set's own
};

/// One rule. Labels may end in `*`.
struct Check {
  RuleKind kind = RuleKind::compare;
  std::string name;  ///< before the units' names where a claim has several checks; may be empty
  std::string experiment;
  std::vector<std::string> datasets;  ///< labels; empty: those of the runs
  std::vector<std::string> methods;   ///< labels
  std::vector<std::string> against;   ///< compare, ratio
  Measure measure;
  bool higher = true;                       ///< compare: more is better
  bool wilcoxon = false;                    ///< compare: exact signed-rank instead of t
  Over over = Over::mean;                   ///< bound, ratio
  std::optional<double> at_least, at_most;  ///< bound, ratio, offers
  /// bound over the mean: it is refuted above this, and in between undecided; empty: above at_most.
  std::optional<double> refuted_above;
  RateModel model = RateModel::linear;  ///< rate
  std::string grid;                     ///< offers
  std::optional<PublishedSize> size;    ///< empty: the claim is about no size
};

struct Claim {
  std::string id;
  std::string work;  ///< the paper, or who found it
  std::string citation;
  std::string source;      ///< where in it, and how it was read
  std::string text;        ///< in our words
  std::string short_text;  ///< the same for the overview, where `text` is too long for it; may be empty
  std::string note;        ///< what the experiment cannot show; may be empty
  std::vector<std::string> outside;  ///< data sets of the claim that could not be had
  bool reconstruction = false;       ///< the method is ours, made from a description: so is every verdict
  std::int64_t order = 0;            ///< place of the work on the page, then by file name
  std::vector<Check> checks;
};

/// What an experiment's file says there should be: a claim is not confirmed from some of its data sets.
struct PlannedExperiment {
  std::string name;
  std::vector<std::string> datasets;          ///< labels
  std::size_t seeds = 0;                      ///< runs of each method on each of them
  std::string folder = "experiments/claims";  ///< of its file, from the root of the suite's files
};

enum class Outcome { holds, fails, undecided, missing, other_size };
std::string to_string(Outcome outcome);

/// A number that a unit's outcome hangs on, and what it is: "gain", "ratio", "exponent".
struct Figure {
  std::string what;
  double value = 0;
};

struct ClaimUnit {
  std::string name;  ///< data set, method or both, after the check's name
  Outcome outcome = Outcome::missing;
  std::size_t runs = 0;
  std::string measured;    ///< estimate, interval, n; why it is undecided
  std::string check = {};  ///< the check's name
  std::vector<Figure> figures = {};
};

enum class ClaimVerdict {
  confirmed,
  refuted,
  conditional,   ///< holds only if
  undetermined,  ///< the runs do not decide
  not_tested     ///< there are no runs that could, or the machine cannot make them
};
std::string to_string(ClaimVerdict verdict);

struct JudgedClaim {
  struct Experiment {
    std::string name, folder;  ///< as of PlannedExperiment
  };
  Claim claim;
  std::vector<ClaimUnit> units;
  ClaimVerdict verdict = ClaimVerdict::undetermined;
  std::string text;       ///< the verdict with its conditions
  std::string brief;      ///< the same within brief_length characters
  std::string power;      ///< n, the correction, and the smallest effect that could have been seen
  std::size_t tests = 0;  ///< over which the correction is
  std::vector<Experiment> experiments;  ///< each once, in the order of the checks
};

/// Experiments of claims that are no file of experiments/ but timings of processes that share a run, or a simulation fitted to
/// them: team-METHOD, team-METHOD-simulated (results/costs/team_records.hpp).
bool is_team_experiment(const std::string& experiment);

/// Whether nothing that `admmbench run` makes is in it.
bool rests_on_team_timings(const Claim& claim);

/// All claims of all files of `folder`, by the order that the files ask for, then by file name. Throws std::runtime_error naming file, line and key.
std::vector<Claim> load_claims(const std::filesystem::path& folder);

/// results/claims of installed_files().
std::filesystem::path claims_folder();

/// The measures that the claims look at in `experiment`.
std::vector<Measure> claim_measures(const std::vector<Claim>& claims, const std::string& experiment);

/// What a cell of a table, or a line of a list, may hold of a verdict.
inline constexpr std::size_t brief_length = 110;

/// Level of tests and 1 - confidence of intervals.
inline constexpr double claims_alpha = 0.05;

/// One outcome per unit, with Holm's correction over the check alone. `runs` may be of any experiments; data sets that `plan` names
/// and that have no runs are units, too.
std::vector<ClaimUnit> evaluate_check(const Check& check, const std::vector<RunRecord>& runs,
                                      const std::vector<PlannedExperiment>& plan = {});

/// The same of all checks with Holm's correction over the claim, whatever their rules. All units hold: confirmed. None holds and one
/// fails: refuted. Some hold: holds only there. None decides: undetermined; none has runs: not tested. An `offers` check that fails: not
/// tested, whatever the others say.
JudgedClaim judge(const Claim& claim, const std::vector<RunRecord>& runs,
                  const std::vector<PlannedExperiment>& plan = {});

/// Whose runs a page is about.
struct ClaimsSource {
  std::string folders = "results/summaries";  ///< as given
  bool committed = true;                      ///< the summaries of the repository, which the page can link to
};

/// The overview docs/claims.md: a table per work, each claim with a link to its page in the folder `pages` beside it. No clock, no
/// revision: the same results give the same bytes.
std::string claims_page(const std::vector<JudgedClaim>& judged, const ClaimsSource& source = {},
                        const std::string& pages = "claims");

/// The claim's own page, of the folder beside the overview, a file that is called `overview`.
std::string claim_page(const JudgedClaim& judged, const std::vector<RunRecord>& runs,
                       const ClaimsSource& source = {}, const std::string& overview = "claims.md");

/// Whether `text` is what claim_page() wrote, so that it may be removed when its claim is gone.
bool is_claim_page(const std::string& text);

/// A line per claim: its name and the short verdict.
std::string claims_brief(const std::vector<JudgedClaim>& judged);
/// A table of how many claims of each paper came out how, and a line of all of them.
std::string claims_counts(const std::vector<JudgedClaim>& judged);

/// What the verdict hangs on in at most twelve words: "2 of 3 units hold, 1 refuted; gain -0.01 to 0.03; n=10".
std::string evidence_in_short(const JudgedClaim& judged);

std::string claims_json(const std::vector<JudgedClaim>& judged, const ClaimsSource& source = {});

}  // namespace admmbench
