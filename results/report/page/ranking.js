// The section Ranking: mean ranks over the data sets, the first method against each other one.

const plainP = (p) => (p === null ? "–" : p === 0 ? "0" : p < 1e-4 ? p.toExponential(0) : String(Number(p.toPrecision(2))));

// Letters of the groups that a method is in: two methods without a common letter are told apart.
function rankGroups(means, difference) {
  const groups = [];
  let reached = -1;
  means.forEach((first, i) => {
    let last = i;
    while (last + 1 < means.length && means[last + 1] - first < difference) ++last;
    if (last > reached) groups.push([i, last]);
    reached = Math.max(reached, last);
  });
  const letter = (g) => (g < 26 ? String.fromCharCode(97 + g) : `${letter(Math.floor(g / 26) - 1)}${letter(g % 26)}`);
  return means.map((_, i) => groups.flatMap(([a, b], g) => (a <= i && i <= b ? [letter(g)] : [])).join(""));
}

function rankingPlot(experiment, r) {
  const {mean, criticalDifference, byDataset} = r.ranks;
  const rows = r.methods.slice(0, r.ranked).map((label, k) => ({label, m: methodIndex(experiment, label), mean: mean[k], ranks: byDataset.map((of) => of[k])}));
  const what = `mean ranks in ${spoken(r.metric)} over ${counted(r.datasets.length, "data set")}; dots: ranks on each; bars: critical difference ` +
    `${formatNumber(criticalDifference, 3)} (Nemenyi, level ${r.alpha}), methods whose bars overlap are not told apart`;
  return plot(drawRanks, (theme) => ({title: `mean ranks, ${spoken(r.metric)}`, single: true, xLabel: "mean rank (1 is best)", difference: criticalDifference,
    ...captions(experiment, null, rows.map((row) => ({...row, i: row.m})), what), rows: rows.map((row) => ({...row, style: lineStyle(row.m, theme)}))}));
}

function ranksText(r) {
  const {mean, criticalDifference, chiSquare, chiSquareP, f, fP} = r.ranks;
  const alike = r.methods.slice(1, r.ranked).filter((_, k) => mean[k + 1] - mean[0] < criticalDifference);
  const left = r.methods.slice(r.ranked);
  return [`${r.methods[0]} has the best mean rank, ${formatNumber(mean[0], 3)} of ${r.ranked}; `,
    alike.length ? `not told apart from it: ${alike.join(", ")}. ` : "every other method is told apart from it. ",
    `Medians over the seeds are ranked on ${counted(r.datasets.length, "data set")}; a run without a value is the worst. Critical difference (Nemenyi, level ${r.alpha}): `,
    `${formatNumber(criticalDifference, 3)}. Friedman: χ² = ${formatNumber(chiSquare)}, p = ${plainP(chiSquareP)}; Iman and Davenport: F = ${formatNumber(f ?? Infinity)}, p = ${plainP(fP)}.`,
    left.length ? ` Not ranked, without runs on every data set: ${left.join(", ")}.` : ""].join("");
}

function ranksTable(experiment, r) {
  const letters = rankGroups(r.ranks.mean, r.ranks.criticalDifference), reference = r.methods[r.reference];
  const rows = r.methods.slice(0, r.ranked).map((label, k) => ({label, k, ...r.over[k]}));
  const own = (row) => row.k === r.reference;
  return table("ranks", `${experimentKey(experiment)}: ranks in ${spoken(r.metric)}`, [
    methodColumn(experiment), {title: "mean rank", right: true, value: (row) => r.ranks.mean[row.k], text: (row) => r.ranks.mean[row.k].toFixed(2)},
    {title: "groups", value: (row) => letters[row.k]},
    {title: `worse / undecided / better than ${reference}`, value: (row) => row.better, text: (row) => (own(row) ? "–" : `${row.better} / ${row.undecided} / ${row.worse}`),
      csv: [["worse", (row) => row.better], ["undecided", (row) => row.undecided], ["better", (row) => row.worse]]},
    {title: "p over data sets", right: true, value: (row) => row.p, text: (row) => plainP(row.p)},
    {title: "adjusted p", right: true, value: (row) => row.adjusted, text: (row) => plainP(row.adjusted)},
    ...r.datasets.map((dataset, d) => ({title: dataset, right: true, value: (row) => r.ranks.byDataset[d][row.k]}))], rows);
}

function couldShowText(pair) {
  if (pair.adjusted === null) return "–";
  return pair.couldShow === null ? "nothing" : pair.couldShow > 0 ? formatNumber(pair.couldShow, 2) : "any";
}

function pairsTable(experiment, r) {
  const reference = r.methods[r.reference];
  const interval = (p) => (p.lower === null ? "–" : `[${formatNumber(p.lower)}, ${formatNumber(p.upper)}]`);
  return table("pairs", `${experimentKey(experiment)}: ${reference} minus each other method in ${spoken(r.metric)}`, [
    {title: "against", value: (p) => r.methods[p.method], node: (p) => nameOrText(experiment, r.methods[p.method])}, {title: "data set", value: (p) => r.datasets[p.dataset]},
    {title: "seeds", right: true, value: (p) => p.pairs, text: (p) => (p.without ? `${p.pairs} of ${p.pairs + p.without}` : String(p.pairs))},
    {title: "difference", right: true, value: (p) => p.difference},
    {title: "95 % interval", right: true, value: (p) => p.lower, text: interval, csv: [["lower", (p) => p.lower], ["upper", (p) => p.upper]]},
    {title: "p", right: true, value: (p) => p.p, text: (p) => plainP(p.p)}, {title: "adjusted p", right: true, value: (p) => p.adjusted, text: (p) => plainP(p.adjusted)},
    {title: "could show", right: true, value: (p) => p.couldShow, text: couldShowText}, {title: "test", value: (p) => (p.byRanks ? "signed ranks" : "t")},
    {title: `${reference} is`, value: (p) => p.outcome}], r.pairs);
}

function drawRanking(experiment) {
  const r = experiment.ranking;
  if (!r) return null;
  if (r.methods.length < 2) return [h("p", {class: "muted"}, "There is no ranking: one method alone was run. It takes two.")];
  const tested = r.pairs.filter((p) => p.adjusted !== null).length, reference = r.methods[r.reference];
  const why = r.datasets.length < 2 ? "one data set alone was run" : "fewer than two methods have runs on every data set";
  const elements = r.ranks ? [h("p", {}, ranksText(r)), h("div", {class: "plots"}, rankingPlot(experiment, r)), ranksTable(experiment, r),
    h("p", {class: "muted"}, "Methods without a common letter under groups are told apart. p over data sets: signed-rank test of the medians, adjusted by Holm over the methods.")]
    : [h("p", {class: "muted"}, `There are no mean ranks: ${why}. They take two methods with runs on two data sets.`)];
  if (!r.pairs.length) return elements;
  return [...elements, h("h3", {}, `${reference} against each other method`),
    h("p", {class: "muted"}, `${reference} minus the other, over the same seeds: paired t-test, or signed ranks where the differences do not vary or a seed has no value; Holm's correction over ` +
      `${counted(tested, "comparison")}, level ${r.alpha}. Could show: the smallest difference that the test finds with 80 %. As admmbench rank has it; ${reference} was chosen by the same runs.`),
    pairsTable(experiment, r)];
}
