// The page's sections. Each one: {id, title, uses: keys of the view, draw(experiment) -> elements, or null if there is nothing}.

const X_LABELS = {iteration: "iteration", seconds: "solver seconds", flops: "floating-point operations"};
const COSTS = {iteration: "iterations", seconds: "solver seconds", flops: "floating-point operations"};
const counted = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
const spoken = (name) => name.replaceAll("_", " ");
const experimentKey = (e) => (e.profile ? `${e.name}/${e.profile}` : e.name);
const isAccuracy = (name) => name.endsWith("accuracy");
const SHOWN_AT_FIRST = 8;

function shownMethods(experiment) {
  const given = parsedView("m");
  const labels = Array.isArray(given) ? given : experiment.methods.slice(0, SHOWN_AT_FIRST).map((m) => m.label);
  return experiment.methods.map((method, i) => ({...method, i})).filter((method) => labels.includes(method.label));
}

const shownDatasets = (experiment) => experiment.datasets.map((dataset, d) => ({...dataset, d}))
  .filter((dataset) => view.d === "" || dataset.label === view.d);

const firstOf = (key, names) => (names.includes(view[key]) ? view[key] : names[0]);
const tableOf = (experiment, metric) => experiment.tables.find((t) => t.metric === metric);
/// The label, and where it is no method of the suite, that.
const nameOf = (method) => (["external", "imported"].includes(method.solver) ? `${method.label} (${method.solver})` : method.label);
const rowOf = (tableData, label) => tableData?.rows.find((row) => row.label === label);

// ---- captions --------------------------------------------------------------------------------------------------------

// 0, 1, 2, 5 -> "0–2, 5"
function seedText(seeds) {
  const sorted = [...new Set(seeds)].sort((a, b) => a - b);
  const parts = [];
  for (let i = 0; i < sorted.length; ++i) {
    let last = i;
    while (sorted[last + 1] === sorted[last] + 1) ++last;
    parts.push(last > i ? `${sorted[i]}–${sorted[last]}` : `${sorted[i]}`);
    i = last;
  }
  return `${sorted.length === 1 ? "seed" : "seeds"} ${parts.join(", ")}`;
}

// What was run: data set, network and, in files, every method's parameters.
function captions(experiment, d, methods, what, remarks = []) {
  const cells = methods.map((m) => (d === null ? experiment.cells[m.i].find((cell) => cell) : experiment.cells[m.i][d]));
  const first = cells.find((cell) => cell)?.written ?? {};
  const seeds = methods.flatMap((m) => experiment.cells[m.i].flatMap((cell, c) => (cell && (d === null || c === d) ? cell.seeds : [])));
  const sets = d === null ? experiment.datasets.map((s) => s.label).join(", ") : experiment.datasets[d].label;
  const sentence = `${what}, ${seeds.length ? seedText(seeds) : "no finished run"}.`;
  const shortCaption = [sentence[0].toUpperCase() + sentence.slice(1), ...remarks].join(" ");
  const settings = ["network", "precision", "iterations"].map((key) => [key, first[key]]).filter(([, text]) => text);
  if (d !== null) settings.unshift(["data set", first.dataset ?? ""]);
  const parameters = cells.flatMap((cell, k) => (cell?.written.params ? [`${methods[k].label}: ${cell.written.params}`] : []));
  const caption = [`${experimentKey(experiment)} on ${sets}: ${shortCaption}`, settings.map(([k, v]) => `${k}: ${v}`).join("; "),
    ...parameters, experiment.note].filter((line) => line).join("\n");
  return {shortCaption, caption};
}

const legendOf = (methods, theme) => methods.map((m) => ({label: m.label, m: m.i, style: lineStyle(m.i, theme)}));
const methodIndex = (experiment, label) => experiment.methods.findIndex((m) => m.label === label);

// A method's name where the page has it as a button that lifts its curves.
function nameOrText(experiment, label) {
  const i = methodIndex(experiment, label);
  return i < 0 ? label : nameButton(experiment.methods[i], i);
}
const methodColumn = (experiment) => ({title: "method", value: (row) => nameOf(experiment.methods[methodIndex(experiment, row.label)]),
  node: (row) => nameOrText(experiment, row.label)});

// Of many data sets the first ones are drawn, until all are asked for.
const PLOTS_AT_FIRST = 8;
function plottedDatasets(experiment) {
  const all = shownDatasets(experiment);
  return view.da === "1" ? all : all.slice(0, PLOTS_AT_FIRST);
}
function moreDatasets(experiment) {
  const all = shownDatasets(experiment);
  if (view.da === "1" || all.length <= PLOTS_AT_FIRST) return null;
  return h("p", {}, h("button", {type: "button", "data-key": "da", onclick: () => change({da: "1"})}, `plots of all ${all.length} data sets`), ` ${PLOTS_AT_FIRST} are drawn.`);
}

// ---- convergence -----------------------------------------------------------------------------------------------------

function withBand(x, band, kind) {
  const series = {x, y: band.mean};
  if (kind === "none" || !band.sd) return series;
  const shift = (sign) => band.mean.map((m, i) => (m === null || band.sd[i] === null ? null : m + sign * band.sd[i]));
  return kind === "sd" ? {...series, low: shift(-1), high: shift(1)} : {...series, low: band.low, high: band.high};
}

function referenceLines(experiment, d, quantity, methods, theme) {
  if (view.ref !== "1") return [];
  const lines = [];
  for (const row of tableOf(experiment, quantity)?.rows ?? []) {
    const published = row.cells[d].published, method = methods.find((m) => m.label === row.label);
    if (published && method) lines.push({label: `${row.label} published ${formatNumber(published.value)}`, y: published.value, style: lineStyle(method.i, theme)});
  }
  const {chance} = experiment.datasets[d];
  if (isAccuracy(quantity) && chance) lines.push({label: `chance ${formatNumber(chance)}`, y: chance});
  const targets = experiment.targets.find((t) => t.metric === quantity);
  if (targets && targets.targets[d] !== null) lines.push({label: `target ${formatNumber(targets.targets[d])}`, y: targets.targets[d]});
  return lines;
}

const yScale = (quantity) => view.ys || (quantity.endsWith("residual") || quantity === "objective" ? "log" : "linear");

function convergenceSpec(experiment, d, quantity, theme) {
  const methods = shownMethods(experiment).filter((m) => experiment.cells[m.i][d]);
  const remarks = [];
  const series = methods.flatMap((m) => {
    const {curves, notFinished} = experiment.cells[m.i][d];
    if (notFinished) remarks.push(`${m.label}: ${notFinished} not finished.`);
    const band = curves?.quantities[quantity], x = curves?.[view.x];
    if (band && !x) remarks.push(`${m.label}: no ${X_LABELS[view.x]}.`);
    if (!band || !x) return [];
    const end = curves.iteration[curves.iteration.length - 1];
    if (end < curves.longest) remarks.push(`${m.label} up to iteration ${end}, where its shortest run ends.`);
    return [{label: m.label, m: m.i, style: lineStyle(m.i, theme), ...withBand(x, band, view.b)}];
  });
  const several = methods.some((m) => experiment.cells[m.i][d].seeds.length > 1);
  const band = several ? `, ${{sd: "mean and standard deviation", range: "mean and range"}[view.b] ?? "mean"} over the seeds` : "";
  const what = `${spoken(quantity)} against ${X_LABELS[view.x]}${band}`;
  return {title: `${spoken(quantity)}, ${experiment.datasets[d].label}`, ...captions(experiment, d, methods, what, remarks),
    xLabel: X_LABELS[view.x], yLabel: spoken(quantity), xLog: view.xs === "log", yLog: yScale(quantity) === "log", series,
    references: referenceLines(experiment, d, quantity, methods, theme), legend: legendOf(methods, theme)};
}

function drawConvergence(experiment) {
  const quantity = firstOf("q", experiment.quantities);
  if (!quantity) return null;
  const scales = [["linear", "linear"], ["log", "logarithmic"]];
  return [
    h("div", {class: "controls"},
      choice("quantity", "q", experiment.quantities.map((q) => [q, spoken(q)]), quantity),
      choice("against", "x", Object.entries(X_LABELS)),
      choice("x axis", "xs", scales), choice("y axis", "ys", scales, yScale(quantity)),
      choice("band", "b", [["sd", "standard deviation"], ["range", "smallest to largest"], ["none", "none"]]),
      choice("reference lines", "ref", [["1", "shown"], ["0", "hidden"]])),
    h("div", {class: "plots"}, plottedDatasets(experiment).map(({d}) =>
      plot(drawLines, (theme) => convergenceSpec(experiment, d, quantity, theme)))),
    moreDatasets(experiment),
  ];
}

// ---- box plots -------------------------------------------------------------------------------------------------------

function drawBoxPlots(experiment) {
  const data = tableOf(experiment, firstOf("t", experiment.tables.map((t) => t.metric)));
  if (!data) return null;
  const makeSpec = (title, what, d, valuesOf) => (theme) => {
    const methods = shownMethods(experiment);
    return {title: `${spoken(data.metric)}${title}`, single: true, xLabel: spoken(data.metric),
      ...captions(experiment, d, methods, `${spoken(data.metric)}${what}; whiskers to 1.5 times the quartiles' distance`),
      rows: methods.map((m) => ({label: m.label, m: m.i, style: lineStyle(m.i, theme), values: valuesOf(rowOf(data, m.label))}))};
  };
  const specs = plottedDatasets(experiment).map(({label, d}) =>
    makeSpec(`, ${label}`, " at the end: a box per method over its seeds", d, (row) => row?.cells[d].values ?? []));
  if (experiment.datasets.length > 1) {
    specs.push(makeSpec(" across data sets", ": a box per method over the means of the data sets", null,
      (row) => row?.cells.flatMap((c) => (c.mean === null ? [] : [c.mean])) ?? []));
  }
  return [h("p", {class: "muted"}, "The metric is chosen under Results, the methods under Convergence."),
    h("div", {class: "plots"}, specs.map((spec) => plot(drawBoxes, spec))), moreDatasets(experiment)];
}

// ---- time to target --------------------------------------------------------------------------------------------------

const orInfinite = (value) => (value === null ? Infinity : value);

function targetRows(experiment, targets, cost) {
  return experiment.methods.flatMap((method, m) => experiment.datasets.flatMap((dataset, d) => {
    const reached = cost.reached[m][d];
    return reached ? [{label: method.label, dataset: dataset.label, target: targets.targets[d], ...reached,
      median: orInfinite(reached.median), best: orInfinite(reached.best), worst: orInfinite(reached.worst)}] : [];
  }));
}

function profileSpec(experiment, targets, cost, theme) {
  const {profile} = cost;
  const methods = shownMethods(experiment).filter((m) => profile.methods.includes(m.label));
  const series = methods.map((m) => ({label: m.label, m: m.i, style: lineStyle(m.i, theme), x: profile.tau, y: profile.fraction[profile.methods.indexOf(m.label)]}));
  const what = `performance profile: fraction of ${counted(profile.problems, "problem")} (data set, seed) on which a method reached the target ` +
    `in ${spoken(targets.metric)} within a factor of the best method's ${COSTS[cost.name]}; ${profile.unsolved} reached by none`;
  return {title: `performance profile, ${COSTS[cost.name]}`, ...captions(experiment, null, methods, what), series, references: [],
    steps: true, yRange: [0, 1], xLabel: `factor of the best (${COSTS[cost.name]})`, yLabel: "fraction of problems", xLog: true, yLog: false, legend: legendOf(methods, theme)};
}

function drawTargets(experiment) {
  const targets = experiment.targets.find((t) => t.metric === firstOf("tm", experiment.targets.map((e) => e.metric)));
  if (!targets) return null;
  const cost = targets.costs.find((c) => c.name === view.tc) ?? targets.costs[0];
  const caption = `${experimentKey(experiment)}: ${COSTS[cost.name]} to the shared target in ${spoken(targets.metric)}`;
  const number = (title, key) => ({title, right: true, value: (row) => row[key]});
  return [
    h("div", {class: "controls"}, choice("target in", "tm", experiment.targets.map((t) => [t.metric, spoken(t.metric)]), targets.metric),
      choice("cost", "tc", Object.entries(COSTS), cost.name)),
    experiment.kept ? h("p", {class: "muted"}, "These runs are kept as points of their curves: a target is reached late, at the next point.") : null,
    h("p", {class: "muted"}, `One target per data set for all methods: ${Math.round((1 - targets.remaining) * 1000) / 10} % of the way from the median ` +
      "start to the best value that any finished run reached. A run that misses it costs infinitely much, in every median and denominator."),
    table(`targets-${targets.metric}-${cost.name}`, caption, [
      {...methodColumn(experiment)}, {title: "data set", value: (row) => row.dataset}, number("target", "target"),
      number("median", "median"), number("best", "best"), number("worst", "worst"), number("missed", "missed"), number("runs", "runs")],
    targetRows(experiment, targets, cost)),
    cost.profile ? h("div", {class: "plots"}, plot(drawLines, (theme) => profileSpec(experiment, targets, cost, theme))) : null,
  ];
}

// ---- rates -----------------------------------------------------------------------------------------------------------

function drawRates(experiment) {
  if (!experiment.rates.length && experiment.kept) return [h("p", {class: "muted"}, "There are no rates: these runs are kept as points of their curves, and rates take every record.")];
  const rates = experiment.rates.find((r) => r.column === firstOf("rc", experiment.rates.map((e) => e.column)));
  if (!rates) return null;
  const caption = `${experimentKey(experiment)}: rate of ${rates.measure}, ${100 * rates.confidence} % intervals`;
  const symbol = {linear: "r", sublinear: "p", superlinear: "q"};
  const rateText = (g) => (g.rate === null ? "–" : `${symbol[g.model]} = ${formatNumber(g.rate)} [${formatNumber(g.lower)}, ${formatNumber(g.upper)}]`);
  return [h("div", {class: "controls"}, choice("rate of", "rc", experiment.rates.map((r) => [r.column, spoken(r.column)]), rates.column)),
    h("p", {class: "muted"}, `${caption}. Linear: factor r per iteration; sublinear: k^-p; superlinear: order q.`),
    table(`rates-${rates.column}`, caption, [
      methodColumn(experiment), {title: "data set", value: (g) => g.dataset}, {title: "model", value: (g) => g.model},
      {title: "runs", right: true, value: (g) => g.agree, text: (g) => `${g.agree}/${g.runs}`},
      {title: "rate", value: (g) => g.rate, text: rateText, csv: [["rate", (g) => g.rate], ["lower", (g) => g.lower], ["upper", (g) => g.upper]]},
      {title: "R²", right: true, value: (g) => g.rSquared},
      {title: "iterations", value: (g) => g.first, text: (g) => (g.first === null ? "–" : `${g.first}–${g.last}`), csv: [["first", (g) => g.first], ["last", (g) => g.last]]},
      {title: "remark", value: (g) => g.remark, wide: true}], rates.groups)];
}

// ---- sensitivity -----------------------------------------------------------------------------------------------------

const inOrder = (values) => [...new Set(values)].sort((a, b) => (isNaN(a) || isNaN(b) ? a.localeCompare(b) : Number(a) - Number(b)));
const pairsOf = (keys) => keys.flatMap((_, i) => keys.slice(i + 1).map((__, j) => [i, i + 1 + j])).slice(0, 6);

// The best mean of the points at these values: over the parameters that are not axes.
function bestAt(data, d, points, matches) {
  const cells = points.filter(matches).flatMap((p) => rowOf(data, p.label)?.cells[d] ?? []).filter((c) => c.mean !== null);
  if (!cells.length) return null;
  return cells.reduce((a, b) => ((data.higherIsBetter ? b.mean > a.mean : b.mean < a.mean) ? b : a));
}

function sensitivityMap(experiment, sensitivity, data, d, [i, j]) {
  const rows = inOrder(sensitivity.points.map((p) => p.values[i])), columns = inOrder(sensitivity.points.map((p) => p.values[j]));
  const values = rows.map((row) => columns.map((column) =>
    bestAt(data, d, sensitivity.points, (p) => p.values[i] === row && p.values[j] === column)?.mean ?? null));
  const others = sensitivity.keys.length > 2 ? ", the best over the other parameters" : "";
  return plot(drawHeatMap, () => ({title: `${sensitivity.name}: ${spoken(data.metric)}, ${experiment.datasets[d].label}`, single: true,
    ...captions(experiment, d, sensitivityMethods(experiment, sensitivity), `mean ${spoken(data.metric)} at the end${others}`),
    xLabel: sensitivity.keys[j], yLabel: sensitivity.keys[i], rows, columns, values}));
}

// The parameters that have more than one value; null if none has.
function varying(sensitivity) {
  const kept = sensitivity.keys.map((_, k) => k).filter((k) => new Set(sensitivity.points.map((p) => p.values[k])).size > 1);
  if (!kept.length) return null;
  const only = (list) => kept.map((k) => list[k]);
  return {...sensitivity, keys: only(sensitivity.keys), points: sensitivity.points.map((p) => ({...p, values: only(p.values)}))};
}

const sensitivityMethods = (experiment, sensitivity) => experiment.methods.map((m, i) => ({...m, i}))
  .filter((m) => sensitivity.points.some((p) => p.label === m.label));

function sensitivityLine(experiment, sensitivity, data, d) {
  const names = inOrder(sensitivity.points.map((p) => p.values[0]));
  const cells = names.map((name) => bestAt(data, d, sensitivity.points, (p) => p.values[0] === name));
  const numeric = names.every((name) => name !== "" && !isNaN(name));
  const x = numeric ? names.map(Number) : names.map((_, i) => i);
  const spread = (sign) => cells.map((c) => (c ? c.mean + sign * (c.sd ?? 0) : null));
  return plot(drawLines, (theme) => ({title: `${sensitivity.name}: ${spoken(data.metric)}, ${experiment.datasets[d].label}`,
    ...captions(experiment, d, sensitivityMethods(experiment, sensitivity), `mean and sd of ${spoken(data.metric)} at the end`),
    xLabel: sensitivity.keys[0], yLabel: spoken(data.metric), xLog: numeric && x[0] > 0 && x[x.length - 1] / x[0] >= 50, yLog: false,
    xTicks: numeric ? undefined : names.map((label, at) => ({at, label})), references: [],
    series: [{label: sensitivity.name, style: lineStyle(0, theme), x, y: cells.map((c) => c?.mean ?? null), low: spread(-1), high: spread(1), marks: true}]}));
}

function drawSensitivity(experiment) {
  const data = tableOf(experiment, firstOf("t", experiment.tables.map((t) => t.metric)));
  const sensitivities = experiment.sensitivities.map(varying).filter((s) => s);
  if (!data || !sensitivities.length) return null;
  return [h("p", {class: "muted"}, `${spoken(data.metric)} at the end against the parameters that vary; the metric is chosen under Results.`),
    ...sensitivities.map((s) => h("div", {class: "plots"}, shownDatasets(experiment).flatMap(({d}) =>
      (s.keys.length === 1 ? [sensitivityLine(experiment, s, data, d)] : pairsOf(s.keys).map((pair) => sensitivityMap(experiment, s, data, d, pair))))))];
}

// ---- layers and distances --------------------------------------------------------------------------------------------

const lastOf = (list) => list[list.length - 1];

function layerMap(experiment, d, layers) {
  return plot(drawHeatMap, () => {
    const methods = shownMethods(experiment).filter((m) => experiment.cells[m.i][d]?.curves);
    return {title: `weight movement at the end, ${experiment.datasets[d].label}`, single: true,
      ...captions(experiment, d, methods, "mean of ||W - W at the start|| / ||W at the start|| by layer"), xLabel: "layer", yLabel: "method",
      columns: layers.map((name) => name.replace("weight_change_", "")), rows: methods.map((m) => m.label),
      values: methods.map((m) => layers.map((name) => lastOf(experiment.cells[m.i][d].curves.quantities[name]?.mean ?? [null])))};
  });
}

function layerLines(experiment, d, layers, label) {
  return plot(drawLines, (theme) => {
    const i = experiment.methods.findIndex((m) => m.label === label);
    const curves = experiment.cells[i][d]?.curves;
    const series = layers.flatMap((name, l) => (curves?.quantities[name] && curves[view.x]
      ? [{label: `layer ${l + 1}`, style: lineStyle(l, theme), ...withBand(curves[view.x], curves.quantities[name], view.b)}] : []));
    return {title: `${label}: weight movement, ${experiment.datasets[d].label}`, series, references: [],
      ...captions(experiment, d, [{...experiment.methods[i], i}], "||W - W at the start|| / ||W at the start|| by layer"),
      xLabel: X_LABELS[view.x], yLabel: "relative change", xLog: view.xs === "log", yLog: false, legend: series};
  });
}

function drawLayers(experiment) {
  const layers = experiment.quantities.filter((q) => q.startsWith("weight_change_"))
    .sort((a, b) => a.localeCompare(b, "en", {numeric: true}));
  if (!layers.length) return null;
  const labels = experiment.methods.map((m) => m.label), label = firstOf("wm", labels);
  return [h("div", {class: "controls"}, choice("lines of", "wm", labels.map((l) => [l, l]), label)),
    h("div", {class: "plots"}, shownDatasets(experiment).flatMap(({d}) => [layerMap(experiment, d, layers), layerLines(experiment, d, layers, label)]))];
}

const DISTANCES = {weights_to_solution: "weights and biases to the known solution", weights_to_last: "weights and biases to the last ones",
  variables_to_last: "all variables to the last recorded ones"};

function drawDistances(experiment) {
  const has = (d, name) => experiment.cells.some((row) => row[d]?.distances?.quantities[name]);
  const plots = shownDatasets(experiment).flatMap(({d, label}) => Object.entries(DISTANCES).filter(([name]) => has(d, name)).map(([name, text]) =>
    plot(drawLines, (theme) => {
      const methods = shownMethods(experiment).filter((m) => experiment.cells[m.i][d]?.distances?.quantities[name]);
      return {title: `distance of ${text}, ${label}`, ...captions(experiment, d, methods, `relative distance of ${text}${name.endsWith("_to_last") ? "; the last iterate itself is at 0" : ""}`),
        xLabel: "iteration", yLabel: "relative distance", xLog: view.xs === "log", yLog: true, references: [], legend: legendOf(methods, theme),
        series: methods.map((m) => {
          const {iteration, quantities} = experiment.cells[m.i][d].distances;
          return {label: m.label, m: m.i, style: lineStyle(m.i, theme), marks: true, ...withBand(iteration, quantities[name], view.b)};
        })};
    })));
  return plots.length ? [h("p", {class: "muted"}, "Relative Frobenius norms at the iterations whose variables were recorded (record.iterates)."), h("div", {class: "plots"}, plots)] : null;
}

// ---- tuning ----------------------------------------------------------------------------------------------------------

function inline(value) {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (value !== null && typeof value === "object") return `{${Object.entries(value).map(([k, v]) => `${k}: ${inline(v)}`).join(", ")}}`;
  return typeof value === "number" ? formatNumber(value, 6) : String(value);
}

function drawTuning(experiment) {
  if (!experiment.tunings.length) return null;
  const listed = (value) => (value !== null && typeof value === "object" 
    ? Object.entries(value).filter(([, v]) => v !== null).map(([k, v]) => `${k}: ${inline(v)}`).join("; ") : inline(value));
  return [h("p", {class: "muted"}, "The searches on the validation split that chose the parameters; test figures had no part in them."),
    ...experiment.tunings.flatMap(({dataset, label, trace}, n) => {
      // What the heading and the table say is not said again.
      const {tried = [], chosen, experiment: _, dataset: __, label: ___, ...settings} = trace ?? {};
      return [h("h3", {}, `${label} on ${dataset}`), h("p", {class: "muted"}, listed(settings)),
        table(`tuning-${n}`, `search for ${label} on ${dataset}`, [{title: "point", right: true, value: (p) => p.point},
          {title: "score", right: true, value: (p) => p.score}, {title: "parameters", wide: true, value: (p) => listed(p.parameters)},
          {title: "chosen", value: (p) => (p.point === chosen?.point ? "chosen" : "")},
          {title: "runs", wide: true, value: (p) => (p.runs ?? []).map((r) => `seed ${r.seed}: ${r.status}`).join(", ")}], tried)];
    })];
}
