#include "results/report/json.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "results/record/columns.hpp"

namespace admmbench {

namespace {

using Json = nlohmann::ordered_json;

/// Curves are drawn, not computed with.
double rounded(double value, int digits) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double scale = std::pow(10.0, digits - 1 - std::floor(std::log10(std::abs(value))));
  if (!std::isfinite(scale) || scale == 0) return value;
  const double result = std::round(value * scale) / scale;
  return std::isfinite(result) ? result : value;
}

Json rounded(const std::vector<double>& values, int digits) {
  Json list = Json::array();
  for (const double value : values) list.push_back(rounded(value, digits));
  return list;
}

Json number_or_null(std::optional<double> value) { return value ? Json(*value) : Json(nullptr); }

template <class Values, class Convert>
Json list_of(const Values& values, Convert convert) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(convert(value));
  return list;
}

Json curves_json(const Curves& curves) {
  if (curves.iteration.empty()) return nullptr;
  Json json{{"runs", curves.runs}, {"longest", curves.longest}, {"iteration", curves.iteration}};
  if (!curves.seconds.empty()) json["seconds"] = rounded(curves.seconds, 5);
  if (!curves.flops.empty()) json["flops"] = rounded(curves.flops, 5);
  Json& quantities = json["quantities"] = Json::object();
  for (const auto& [name, band] : curves.quantities) {
    Json& one = quantities[name] = Json{{"mean", rounded(band.mean, 5)}};
    if (band.deviation.empty()) continue;
    one["sd"] = rounded(band.deviation, 3);
    one["low"] = rounded(band.low, 4);
    one["high"] = rounded(band.high, 4);
  }
  return json;
}

Json cell_json(const ReportCell& cell) {
  if (cell.seeds.empty() && cell.not_finished == 0) return nullptr;
  return {{"seeds", cell.seeds},
          {"notFinished", cell.not_finished},
          {"written",
           {{"dataset", cell.written.dataset},
            {"network", cell.written.network},
            {"precision", cell.written.precision},
            {"iterations", cell.written.iterations},
            {"params", cell.written.params}}},
          {"curves", curves_json(cell.curves)},
          {"distances", curves_json(cell.distances)}};
}

Json published_json(const std::optional<PublishedFigure>& figure) {
  if (!figure) return nullptr;
  return {{"value", figure->value},       {"sd", number_or_null(figure->deviation)},
          {"key", figure->key},           {"title", figure->title},
          {"setting", figure->setting},   {"provenance", figure->provenance},
          {"citation", figure->citation}, {"source", figure->source}};
}

Json table_json(const ReportTable& report) {
  const Table& table = report.table;
  Json json{{"metric", table.metric}, {"higherIsBetter", higher_is_better(table.metric)}};
  json["basis"] = report.tested ? verdict_basis(table) : "";
  json["files"] = {{"csv", to_csv(table)}, {"latex", to_latex(table)}};  // as `admmbench table` writes them
  Json& rows = json["rows"] = Json::array();  // the last key: another one would move it
  std::vector<std::vector<Standing>> standing;
  for (std::size_t d = 0; d < table.datasets.size(); ++d) standing.push_back(standings(table, d));
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    Json cells = Json::array();
    for (std::size_t d = 0; d < table.datasets.size(); ++d) {
      const TableCell& cell = table.rows[r].cells[d];
      const Summary& s = cell.summary;
      cells.push_back({{"values", report.values[r][d]},
                       {"mean", s.count > 0 ? Json(s.mean) : Json(nullptr)},
                       {"sd", number_or_null(s.deviation)},
                       {"best", cell.beside_best.best},
                       {"alike", cell.beside_best.undecided},
                       {"standing", to_string(standing[d][r])},
                       {"notFinished", cell.not_finished},
                       {"notFinite", cell.not_finite},
                       {"published", published_json(cell.published)}});
    }
    rows.push_back({{"label", table.rows[r].label}, {"cells", std::move(cells)}});
  }
  return json;
}

Json reached_json(const ToTarget& reached) {
  if (reached.runs == 0) return nullptr;
  return {{"runs", reached.runs},
          {"missed", reached.missed},
          {"median", reached.median},
          {"best", reached.best},
          {"worst", reached.worst}};
}

Json targets_json(const Targets& targets, const std::vector<std::pair<std::string, std::string>>& methods) {
  Json json{{"metric", targets.metric},
            {"remaining", targets.remaining},
            {"targets", list_of(targets.targets, number_or_null)}};
  Json& all = json["costs"] = Json::array();
  for (const Targets::Cost& cost : targets.costs) {
    Json one{{"name", cost.name},
             {"reached", list_of(cost.reached, [](const auto& row) { return list_of(row, reached_json); })}};
    if (cost.profile) {
      one["profile"] = {
          {"methods", list_of(cost.profiled, [&](std::size_t m) { return Json(methods[m].first); })},
          {"tau", rounded(cost.profile->tau, 5)},
          {"fraction", list_of(cost.profile->fraction, [](const auto& row) { return rounded(row, 5); })},
          {"problems", cost.profile->problems},
          {"unsolved", cost.profile->unsolved}};
    }
    all.push_back(std::move(one));
  }
  return json;
}

Json rates_json(const std::pair<RateMeasure, std::vector<RateGroup>>& rates) {
  Json json{{"column", rates.first.column},
            {"measure", to_string(rates.first)},
            {"confidence", rates.first.confidence}};
  json["groups"] = list_of(rates.second, [](const RateGroup& group) {
    const auto rate = group.rate();
    const auto window = group.window();
    return Json{{"dataset", group.dataset},
                {"label", group.label},
                {"model", to_string(group.model())},
                {"agree", group.count(group.model())},
                {"runs", group.runs.size()},
                {"rate", rate ? Json(rate->median) : Json(nullptr)},
                {"lower", rate ? Json(rate->hull.lower) : Json(nullptr)},
                {"upper", rate ? Json(rate->hull.upper) : Json(nullptr)},
                {"rSquared", number_or_null(group.r_squared())},
                {"first", window ? Json(window->first) : Json(nullptr)},
                {"last", window ? Json(window->second) : Json(nullptr)},
                {"remark", group.remark()}};
  });
  return json;
}

Json sensitivity_json(const ReportSensitivity& sensitivity) {
  return {{"name", sensitivity.name},
          {"keys", sensitivity.keys},
          {"points", list_of(sensitivity.points, [](const ReportSensitivity::Point& point) {
             return Json{{"label", point.label}, {"values", point.values}};
           })}};
}

Json tuning_json(const ReportTuning& tuning) {
  // A trace that is not JSON is shown as it is.
  Json trace = Json::parse(tuning.trace, nullptr, false);
  if (trace.is_discarded()) trace = tuning.trace;
  return {{"dataset", tuning.dataset}, {"label", tuning.label}, {"trace", std::move(trace)}};
}

Json run_json(const ReportRun& run) {
  const RunAttributes& a = run.run.attributes;
  return {{"dataset", run.dataset},
          {"method", run.method},
          {"seed", a.seed},
          {"status", to_string(a.status)},
          {"message", a.message},
          {"startedAt", a.started_at},
          {"iterations", run.run.iterations()},
          {"seconds", number_or_null(final_value(run.run, "seconds"))},
          {"finals", list_of(run.finals, number_or_null)},
          {"environment", run.environment},
          {"file", run.run.path.string()},
          {"config", a.config},
          {"command", run.command}};
}

/// The ranks on each data set, as rank_methods() makes them of the medians.
Json ranks_by_dataset(const MethodRanking& r) {
  Json all = Json::array();
  for (std::size_t d = 0; d < r.datasets.size(); ++d) {
    std::vector<double> medians;
    for (std::size_t m = 0; m < r.ranked; ++m) medians.push_back(*r.cells[m][d].median);
    all.push_back(ranks(medians, higher_is_better(r.metric)));
  }
  return all;
}

Json pair_json(const PairedResult& pair) {
  const std::optional<Interval>& interval = pair.interval;
  return {{"method", pair.method},
          {"dataset", pair.dataset},
          {"pairs", pair.pairs},
          {"without", pair.without},
          {"difference", number_or_null(pair.difference)},
          {"lower", interval ? Json(interval->lower) : Json(nullptr)},
          {"upper", interval ? Json(interval->upper) : Json(nullptr)},
          {"byRanks", pair.decides == PairedTest::wilcoxon},
          {"p", pair.p_value()},
          {"adjusted", number_or_null(pair.adjusted)},
          {"couldShow", number_or_null(pair.could_show)},
          {"outcome", to_string(pair.outcome)}};
}

Json ranking_json(const std::optional<MethodRanking>& ranking) {
  if (!ranking) return nullptr;
  const MethodRanking& r = *ranking;
  Json json{{"metric", r.metric}, {"methods", r.methods},     {"datasets", r.datasets},
            {"ranked", r.ranked}, {"reference", r.reference}, {"alpha", r.alpha}};
  json["pairs"] = list_of(r.pairs, pair_json);
  json["over"] = list_of(r.over, [](const OverDatasets& over) {
    return Json{{"better", over.better},
                {"undecided", over.undecided},
                {"worse", over.worse},
                {"datasets", over.datasets},
                {"p", number_or_null(over.p_value)},
                {"adjusted", number_or_null(over.adjusted)}};
  });
  if (!r.ranking) return json;
  json["ranks"] = {
      {"mean", r.ranking->mean_ranks},
      {"criticalDifference", r.ranking->critical_difference},
      {"chiSquare", r.ranking->chi_square},
      {"chiSquareP", r.ranking->chi_square_p},
      {"f", number_or_null(std::isfinite(r.ranking->f) ? std::optional(r.ranking->f) : std::nullopt)},
      {"fP", r.ranking->f_p},
      {"byDataset", ranks_by_dataset(r)}};
  return json;
}

Json experiment_json(const ReportExperiment& experiment) {
  Json json{{"name", experiment.name},
            {"profile", experiment.profile},
            {"note", experiment.note},
            {"sentence", experiment.sentence},
            {"basis", experiment.basis},
            {"kept", experiment.kept},
            {"quantities", experiment.quantities}};
  json["datasets"] = list_of(experiment.datasets, [](const ReportDataset& dataset) {
    return Json{{"label", dataset.label},
                {"name", dataset.name},
                {"chance", number_or_null(dataset.chance)},
                {"samples", {dataset.samples.train, dataset.samples.validation, dataset.samples.test}},
                {"widths", dataset.widths}};
  });
  json["methods"] = list_of(experiment.methods, [](const auto& method) {
    return Json{{"label", method.first}, {"solver", method.second}};
  });
  json["cells"] = list_of(experiment.cells, [](const auto& row) { return list_of(row, cell_json); });
  json["tables"] = list_of(experiment.tables, table_json);
  json["ranking"] = ranking_json(experiment.ranking);
  json["targets"] = list_of(
      experiment.targets, [&](const Targets& targets) { return targets_json(targets, experiment.methods); });
  json["rates"] = list_of(experiment.rates, rates_json);
  json["sensitivities"] = list_of(experiment.sensitivities, sensitivity_json);
  json["tunings"] = list_of(experiment.tunings, tuning_json);
  json["runs"] = list_of(experiment.runs, run_json);
  return json;
}

Json timing_json(const TimingHistory& history) {
  return {{"machine", history.machine},
          {"revisions", list_of(history.revisions, [](const TimedRevision& revision) {
             return Json{{"commit", revision.commit}, {"date", revision.date}, {"seconds", revision.seconds}};
           })}};
}

}  // namespace

std::string to_json(const Report& report) {
  Json json{{"environments", list_of(report.environments, [](const ReportEnvironment& environment) {
               return Json{{"host", environment.host},       {"cpu", environment.cpu},
                           {"blas", environment.blas},       {"commit", environment.git_commit},
                           {"threads", environment.threads}, {"runs", environment.runs}};
             })}};
  json["experiments"] = list_of(report.experiments, experiment_json);
  if (report.follow) {
    json["follow"] = {{"seconds", report.follow->seconds},
                      {"stamp", report.follow->stamp},
                      {"writtenAt", report.follow->written_at},
                      {"file", follow_file}};
  }
  json["timings"] = list_of(report.timings, timing_json);
  // Text of a file that is not UTF-8 is shown with replacement characters instead of failing.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace admmbench
