// The first screen: what came out, in a sentence; of what; the table of results.

const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
const measured = (n, one, many = `${one}s`) => `${grouped(n)} ${n === 1 ? one : many}`;

// "{hidden: [4], activation: relu, loss: cross_entropy}" in words; what the page does not know stays as it is written.
function networkText(written) {
  const hidden = written.match(/hidden: \[([^\]]*)\]/)?.[1], activation = written.match(/activation: ([\w-]+)/)?.[1], loss = written.match(/loss: ([\w-]+)/)?.[1];
  if (hidden === undefined || !activation || !loss) return written;
  const layers = hidden.split(",").map((n) => n.trim()).filter((n) => n);
  const alike = layers.length > 1 && new Set(layers).size === 1;
  const text = alike ? `${layers.length} hidden layers of ${grouped(layers[0])}` : layers.length ? `${layers.length === 1 ? "a hidden layer" : "hidden layers"} of ${layers.map(grouped).join(", ")}` : "no hidden layer";
  return `${text}, ${spoken(activation)}, ${spoken(loss)}`;
}

// "60,000 training and 10,000 test samples, 784 features, 10 classes"
function sizeText(dataset) {
  const [train, validation, test] = dataset.samples;
  const parts = [[train, "training"], [validation, "validation"], [test, "test"]].filter(([n]) => n).map(([n, what]) => `${grouped(n)} ${what}`);
  const samples = parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${parts[parts.length - 1]}` : parts[0];
  const {widths} = dataset, outputs = widths[widths.length - 1];
  return [samples ? `${samples} samples` : "", widths.length > 1 ? measured(widths[0], "feature") : "",
    outputs ? (dataset.chance !== null ? measured(outputs, "class", "classes") : measured(outputs, "output")) : ""].filter((part) => part).join(", ");
}

const DATASETS_IN_TEXT = 3;

function datasetFacts(experiment) {
  const known = experiment.datasets.filter((d) => sizeText(d));
  if (!known.length) return null;
  if (experiment.datasets.length <= DATASETS_IN_TEXT) return h("p", {class: "facts"}, known.flatMap((d) => [h("b", {}, d.label), `: ${sizeText(d)}. `]));
  const number = (title, value) => ({title, right: true, value: (d) => value(d) || null});
  return h("details", {class: "facts"}, h("summary", {}, `${experiment.datasets.length} data sets: samples, features, classes`),
    table("datasets", `${experimentKey(experiment)}: data sets`, [{title: "data set", value: (d) => d.label}, number("training samples", (d) => d.samples[0]),
      number("validation samples", (d) => d.samples[1]), number("test samples", (d) => d.samples[2]), number("features", (d) => (d.widths.length > 1 ? d.widths[0] : 0)),
      number("classes or outputs", (d) => d.widths[d.widths.length - 1])], experiment.datasets));
}

// Network, precision and iterations of the runs; "or" between those of different data sets or methods.
function settingFacts(experiment) {
  const written = experiment.cells.flat().filter((cell) => cell).map((cell) => cell.written);
  const distinct = (key) => [...new Set(written.map((w) => w[key]).filter((text) => text))];
  const several = (texts, words) => (texts.length > 3 ? `${texts.length} ${words}` : texts.join(" or "));
  const networks = distinct("network").map(networkText);
  return [networks.length ? [h("b", {}, "Network"), `: ${several(networks, "different ones")}`] : [], distinct("iterations").length ? `; ${several(distinct("iterations"), "different numbers of")} iterations` : [],
    distinct("precision").length ? `; ${several(distinct("precision"), "precisions")}. ` : []].flat();
}

function countFacts(experiment) {
  const missing = experiment.runs.filter((r) => !["completed", "stopped"].includes(r.status)).length;
  const seeds = new Set(experiment.runs.map((r) => r.seed)).size;
  return `${counted(experiment.runs.length, "run")}${missing ? ` (${missing} not finished)` : ""}: ${counted(experiment.methods.length, "method")}, ` +
    `${counted(experiment.datasets.length, "data set")}, ${counted(seeds, "seed")}.`;
}

function drawVerdict(experiment) {
  const machines = setUps(experiment);
  return [h("p", {class: "verdict"}, experiment.sentence), experiment.basis ? h("p", {class: "muted basis"}, experiment.basis) : null,
    h("p", {class: "facts"}, settingFacts(experiment), countFacts(experiment)), datasetFacts(experiment),
    experiment.note ? h("p", {class: "note"}, experiment.note) : null,
    experiment.kept ? h("p", {class: "note"}, "These runs are kept as CSV: of their curves some points are there, and nothing was computed for this page.") : null,
    machines > 1 ? h("p", {class: "note"}, `These runs were made on ${machines} different set-ups: compare seconds only within one.`) : null];
}

// ---- results ---------------------------------------------------------------------------------------------------------

const RESULTS_AT_ONCE = 12;

function metricText(value, metric) {
  return isAccuracy(metric) && value !== null && Number.isFinite(value) ? value.toFixed(4) : formatNumber(value);
}

// The number of seeds if all cells have the same; the caption says it then.
function commonCount(data) {
  const counts = new Set(data.rows.flatMap((row) => row.cells.flatMap((cell) => (cell.values.length ? [cell.values.length] : []))));
  return counts.size === 1 ? [...counts][0] : null;
}

function resultText(cell, metric, common = null) {
  if (cell.mean === null && !cell.notFinished && !cell.notFinite) return "–";
  const remarks = [cell.values.length && cell.values.length !== common ? `n = ${cell.values.length}` : "", cell.notFinished ? `${cell.notFinished} not finished` : "",
    cell.notFinite ? `${cell.notFinite} not finite` : ""].filter((r) => r);
  const sd = cell.sd === null ? "" : ` ± ${metricText(cell.sd, metric)}`;
  return `${metricText(cell.mean, metric)}${sd}${remarks.length ? ` (${remarks.join(", ")})` : ""}`;
}

function resultColumns(experiment, data) {
  const columns = [methodColumn(experiment)], common = commonCount(data);
  experiment.datasets.forEach((dataset, d) => {
    const cell = (row) => row.cells[d];
    columns.push({title: dataset.label, right: true, value: (row) => cell(row).mean, text: (row) => resultText(cell(row), data.metric, common),
      best: (row) => cell(row).best, like: (row) => cell(row).alike,
      csv: [[`${dataset.label} mean`, (row) => cell(row).mean], [`${dataset.label} sd`, (row) => cell(row).sd],
        [`${dataset.label} n`, (row) => cell(row).values.length], [`${dataset.label} not finished`, (row) => cell(row).notFinished]]});
    if (!data.rows.some((row) => cell(row).published)) return;
    const difference = (row) => (cell(row).published && cell(row).mean !== null ? cell(row).mean - cell(row).published.value : null);
    columns.push({title: `${dataset.label} published`, right: true, value: (row) => cell(row).published?.value ?? null,
      text: (row) => (cell(row).published ? `${cell(row).published.value}${cell(row).published.sd === null ? "" : ` ± ${cell(row).published.sd}`}` : "")});
    columns.push({title: `${dataset.label} difference`, right: true, value: difference,
      text: (row) => (difference(row) === null ? "" : `${difference(row) > 0 ? "+" : ""}${metricText(difference(row), data.metric)}`)});
  });
  return columns;
}

function publishedNotes(data) {
  const notes = new Map();
  for (const row of data.rows) for (const {published: p} of row.cells) if (p) notes.set(p.key, p);
  if (!notes.size) return [];
  return [h("details", {class: "muted"}, h("summary", {}, `where the published ${notes.size === 1 ? "figure is" : "figures are"} from`),
    [...notes.values()].map((p) => h("p", {class: "muted"}, `${p.key}: ${p.title} (${p.provenance}; ${p.setting}). ${p.citation} `,
      /^https?:/.test(p.source) ? h("a", {href: p.source, rel: "noopener"}, "source") : null)))];
}

function metricChoice(experiment) {
  const metrics = experiment.tables.map((t) => t.metric);
  return choice("metric", "t", metrics.map((m) => [m, spoken(m)]), firstOf("t", metrics));
}

function drawResults(experiment) {
  const data = tableOf(experiment, firstOf("t", experiment.tables.map((t) => t.metric)));
  if (!data) return null;
  const common = commonCount(data);
  const caption = `${experimentKey(experiment)}: ${spoken(data.metric)} at the end of the runs, ${common === 1 ? "one seed" : `mean ± sd over ${common === null ? "the" : common} seeds`}`;
  const marks = data.basis ? "≈: not told apart from the best. " : "Bold: the best mean. ";
  return [
    table(`results-${data.metric}`, caption, resultColumns(experiment, data), data.rows, {atOnce: RESULTS_AT_ONCE, control: metricChoice(experiment), files: data.files}),
    h("p", {class: "muted"}, `${caption}. ${marks}Runs that did not finish are counted, never averaged.${data.basis && data.metric !== experiment.tables[0].metric ? ` ${data.basis}` : ""}`),
    ...publishedNotes(data)];
}
