// The sections that come last: every run, the set-ups they were made on, the suite's own timings. And the list of all sections.

// ---- runs ------------------------------------------------------------------------------------------------------------

function copyButton(text) {
  const button = h("button", {type: "button", onclick: async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
    } catch {
      button.textContent = "not copied: select the text";
    }
  }}, "copy");
  return button;
}

function runDetails(run) {
  const details = h("details", {ontoggle: () => {
    if (!details.open || details.children.length > 1) return;
    details.append(h("h3", {}, "Repeat this run"), h("p", {class: "muted"}, "Paths of data and initial files are as in the experiment file."),
      h("pre", {class: "command"}, run.command), copyButton(run.command), h("h3", {}, "Configuration"), h("pre", {class: "config"}, run.config), h("p", {class: "muted"}, run.file));
  }}, h("summary", {}, "show"));
  return details;
}

function drawRuns(experiment) {
  const metrics = experiment.tables.map((t) => t.metric);
  const metric = firstOf("t", metrics), at = metrics.indexOf(metric);
  const columns = [{title: "method", value: (r) => experiment.methods[r.method].label, node: (r) => nameButton(experiment.methods[r.method], r.method)},
    {title: "data set", value: (r) => experiment.datasets[r.dataset].label}, {title: "seed", right: true, value: (r) => r.seed},
    {title: "status", value: (r) => r.status}, {title: "message", value: (r) => r.message, wide: true},
    {title: "iterations", right: true, value: (r) => r.iterations}, {title: "seconds", right: true, value: (r) => r.seconds},
    {title: "set-up", right: true, value: (r) => r.environment + 1},
    {title: "configuration", value: (r) => r.config, text: () => "", node: runDetails, csv: [["configuration", (r) => r.config], ["file", (r) => r.file]]}];
  if (metric) columns.splice(7, 0, {title: spoken(metric), right: true, value: (r) => r.finals[at]});
  return [table("runs", `${experimentKey(experiment)}: every run`, columns, experiment.runs)];
}

// ---- set-ups ---------------------------------------------------------------------------------------------------------

function ownEnvironments(experiment) {
  const used = [...new Set(experiment.runs.map((r) => r.environment))].sort((a, b) => a - b);
  return used.map((i) => ({number: i + 1, ...DATA.environments[i], here: experiment.runs.filter((r) => r.environment === i).length}));
}

// How many machines or libraries these runs were made with.
const setUps = (experiment) => new Set(ownEnvironments(experiment).map((e) => [e.host, e.cpu, e.blas, e.threads].join("|"))).size;

function drawSetUps(experiment) {
  const days = experiment.runs.map((r) => r.startedAt.slice(0, 10)).filter((day) => day).sort();
  return [days.length ? h("p", {class: "muted"}, `Started ${days[0]}${days[days.length - 1] === days[0] ? "" : ` to ${days[days.length - 1]}`}.`) : null,
    table("environment", "set-ups that the runs were made on", [
      {title: "set-up", value: (e) => e.number, right: true}, {title: "runs", value: (e) => e.here, right: true},
      {title: "host", value: (e) => e.host}, {title: "processor", value: (e) => e.cpu, text: (e) => e.cpu || "–"},
      {title: "threads", value: (e) => e.threads, right: true}, {title: "BLAS", value: (e) => e.blas, text: (e) => e.blas || "–", wide: true},
      {title: "revision", value: (e) => e.commit, text: (e) => e.commit.slice(0, 12)}], ownEnvironments(experiment))];
}

function drawExperiments() {
  if (DATA.experiments.length < 2) return null;
  return [table("experiments", "experiments", [
    {title: "experiment", value: experimentKey, node: (e) => h("a", {href: `#e=${encodeURIComponent(experimentKey(e))}`}, experimentKey(e))},
    {title: "what came out", value: (e) => e.sentence, wide: true},
    {title: "runs", value: (e) => e.runs.length, right: true}, {title: "methods", value: (e) => e.methods.length, right: true},
    {title: "data sets", value: (e) => e.datasets.map((d) => d.label).join(", "), wide: true},
    {title: "note", value: (e) => e.note, wide: true}], DATA.experiments)];
}

// ---- timings ---------------------------------------------------------------------------------------------------------

function drawTimings() {
  if (!DATA.timings.length) return null;
  const machines = DATA.timings.map((t) => t.machine);
  const history_ = DATA.timings.find((t) => t.machine === firstOf("tk", machines));
  const benchmarks = [...new Set(history_.revisions.flatMap((r) => Object.keys(r.seconds)))].sort();
  if (!benchmarks.length) return null;
  const name = firstOf("tb", benchmarks);
  const last = lastOf(history_.revisions), first = history_.revisions[0];
  const ratio = (b) => (first.seconds[b] && last.seconds[b] ? last.seconds[b] / first.seconds[b] : null);
  const plain = (benchmark) => benchmark.replace(/\/(real|manual)_time$/, "");
  const makeSpec = (theme) => ({title: `seconds of ${plain(name)}`, caption: `${plain(name)} on ${history_.machine}: median seconds per revision`,
    xLabel: "revision", yLabel: "seconds", xLog: false, yLog: false, references: [],
    xTicks: history_.revisions.map((r, at) => ({at, label: r.commit.slice(0, 7)})),
    series: [{label: name, style: lineStyle(0, theme), marks: true, x: history_.revisions.map((_, i) => i), y: history_.revisions.map((r) => r.seconds[name] ?? null)}]});
  return [h("div", {class: "controls"}, choice("machine", "tk", machines.map((m) => [m, m]), history_.machine), choice("benchmark", "tb", benchmarks.map((b) => [b, plain(b)]), name)),
    h("p", {class: "muted"}, `${counted(history_.revisions.length, "revision")} of the suite itself, ${first === last ? "of" : `from ${first.date.slice(0, 10)} to`} ${last.date.slice(0, 10)} (docs/measured/timings.md).`),
    h("div", {class: "plots"}, plot(drawLines, makeSpec)),
    table("timings", `timings on ${history_.machine}`, [{title: "benchmark", value: plain},
      {title: `seconds at ${last.commit.slice(0, 7)}`, right: true, value: (b) => last.seconds[b] ?? null},
      ...(first === last ? [] : [{title: `times those at ${first.commit.slice(0, 7)}`, right: true, value: ratio}])], benchmarks)];
}

// `folded`: shown when it is asked for.
const SECTIONS = [
  {id: "verdict", title: "Verdict", uses: [], draw: drawVerdict},
  {id: "results", title: "Results", uses: ["t"], draw: drawResults},
  {id: "convergence", title: "Convergence", uses: ["d", "da", "q", "x", "xs", "ys", "b", "ref", "m", "mo"], draw: drawConvergence},
  {id: "ranking", title: "Ranking", uses: [], draw: drawRanking},
  {id: "boxes", title: "Box plots", uses: ["d", "da", "t", "m"], draw: drawBoxPlots},
  {id: "targets", title: "Time to target", uses: ["tm", "tc", "m"], draw: drawTargets},
  {id: "rates", title: "Rates", uses: ["rc"], draw: drawRates},
  {id: "sensitivity", title: "Sensitivity", uses: ["d", "t"], draw: drawSensitivity},
  {id: "layers", title: "Weight movement", uses: ["d", "x", "xs", "b", "m", "wm"], draw: drawLayers},
  {id: "distances", title: "Distance of the iterates", uses: ["d", "xs", "b", "m"], draw: drawDistances},
  {id: "tuning", title: "Tuning", uses: [], draw: drawTuning},
  {id: "runs", title: "Runs", uses: ["t"], draw: drawRuns},
  {id: "experiments", title: "All experiments", uses: [], draw: drawExperiments},
  {id: "environment", title: "Machines and libraries", uses: [], draw: drawSetUps, folded: true},
  {id: "timings", title: "Timings of the suite", uses: ["tk", "tb"], draw: drawTimings, folded: true},
];
