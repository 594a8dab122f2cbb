// Plots as lists of shapes in plain coordinates: the same list becomes SVG on the page and SVG, PDF or PNG in a file.
// A shape: {kind: "path", points, close, fill, stroke, width, dash, opacity} | {kind: "circle", x, y, r, fill, stroke}
//        | {kind: "text", x, y, text, size, anchor: "start" | "middle" | "end", fill, rotate, bold}; with `m`, it belongs to the
// method of that number: pointing at the method's name anywhere lifts it (lift.js).

// Okabe and Ito's palette (distinguishable with every kind of colour vision), lighter where the page is dark.
const LIGHT = {paper: "#ffffff", ink: "#1b1b1b", muted: "#5c5c5c", grid: "#dddddd",
  series: ["#0072B2", "#D55E00", "#009E73", "#A0528A", "#B87900", "#3A9BD9", "#1b1b1b"]};
const DARK = {paper: "#16181c", ink: "#eceff4", muted: "#a3a9b5", grid: "#363b45",
  series: ["#4FB0EE", "#FF8A4C", "#2CC99B", "#E7A0CB", "#F0B429", "#9AD7FF", "#eceff4"]};
// Four at a time: with seven colours 28 pairs, and as many others for the methods after those.
const DASHES = [[], [7, 3], [3, 3], [9, 3, 2, 3], [14, 4], [2, 5], [12, 3, 2, 3, 2, 3], [5, 7], [1, 2], [18, 3, 4, 3], [6, 2, 1, 2], [10, 8]];

// Colour and dash of the i-th method: neighbours differ in both, 84 pairs in all.
function lineStyle(i, theme) {
  const colours = theme.series.length, round = Math.floor(i / (4 * colours)) % (DASHES.length / 4);
  return {stroke: theme.series[i % colours], dash: DASHES[4 * round + (i % 4)]};
}

const measureAs = (() => {
  let context = null;
  return (text, size, bold) => {
    context ??= document.createElement("canvas").getContext("2d");
    context.font = `${bold ? "bold " : ""}${size}px Helvetica, Arial, sans-serif`;
    return context.measureText(text).width;
  };
})();
const measure = (text, size) => measureAs(text, size, false);

// As much of `text` as is at most so wide.
function fitted(text, size, width) {
  if (measure(text, size) <= width) return text;
  let kept = text.length;
  while (kept > 1 && measure(`${text.slice(0, kept)}…`, size) > width) --kept;
  return `${text.slice(0, kept)}…`;
}

function textShape(x, y, text, options = {}) {
  return {kind: "text", x, y, text: String(text), size: 12, anchor: "start", ...options};
}
function lineShape(points, options = {}) {
  return {kind: "path", points, close: false, fill: "none", width: 1, dash: [], opacity: 1, ...options};
}

// ---- numbers as text -------------------------------------------------------------------------------------------------

function formatNumber(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(Math.max(0, digits - 2)).replace(/\.?0*e\+?/, "e");
  return String(Number(value.toPrecision(digits)));
}

// ---- axes ------------------------------------------------------------------------------------------------------------

function niceStep(span, count) {
  const raw = span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((s) => s * power).find((s) => s >= raw * 0.999);
}

function linearTicks(low, high, count) {
  const step = niceStep(high - low, count);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

function logTicks(low, high, count) {
  const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
  if (last - first <= 1) {
    const ticks = [];
    for (let e = Math.floor(Math.log10(low)); e <= last; ++e) ticks.push(...[1, 2, 5].map((s) => Number(`${s}e${e}`)));
    const inside = ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
    return inside.length > 2 ? inside : linearTicks(low, high, count).filter((tick) => tick > 0);
  }
  const every = Math.max(1, Math.ceil((last - first + 1) / (count + 1)));
  const ticks = [];
  for (let e = first; e <= last; e += every) ticks.push(Number(`1e${e}`));
  return ticks;
}

// Ticks as text: as many digits as it takes to tell them apart; on a logarithmic axis all with an exponent, or none.
function tickTexts({ticks, log}) {
  if (log && ticks.some((tick) => tick >= 1e6 || tick < 1e-3)) return ticks.map((tick) => tick.toExponential().replace("e+", "e"));
  let texts = [];
  for (let digits = 4; digits <= 12 && new Set(texts).size < ticks.length; ++digits) texts = ticks.map((tick) => formatNumber(tick, digits));
  return texts;
}

// Maps values of [low, high] to [from, to]; values that a logarithmic axis cannot show have no place (null).
function makeAxis(low, high, from, to, log, count) {
  if (low === high) {
    const pad = log ? 0 : Math.abs(low) * 0.1 || 1;
    [low, high] = log ? [low / 2, high * 2] : [low - pad, high + pad];
  }
  const f = log ? Math.log10 : (v) => v;
  const scale = (to - from) / (f(high) - f(low));
  const place = (value) => value === null || !Number.isFinite(value) || (log && value <= 0) ? null : from + (f(value) - f(low)) * scale;
  return {low, high, log, place, ticks: log ? logTicks(low, high, count) : linearTicks(low, high, count)};
}

function extent(lists, log) {
  let low = Infinity, high = -Infinity;
  for (const list of lists) {
    for (const value of list) {
      if (value === null || !Number.isFinite(value) || (log && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}

function wrapText(text, size, width) {
  const lines = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (line !== "" && measure(longer, size) > width) {
        lines.push(line);
        line = word;
      } else {
        line = longer;
      }
    }
    lines.push(line);
  }
  return lines;
}

// ---- frames ----------------------------------------------------------------------------------------------------------

// Title above and legend below the plot; in files the caption too, which the page has as text.
function newFrame(spec, left, bottom, right = 14) {
  const frame = {width: spec.width, shapes: [], left, right: spec.width - right, top: 30, bottom: spec.height - bottom};
  frame.height = spec.height;
  return frame;
}

function addTitle(frame, spec, theme) {
  frame.shapes.push(textShape(8, 18, fitted(spec.title, 13, (frame.width - 16) / 1.08), {size: 13, fill: theme.ink, bold: true}));
}

function addBelow(frame, spec, theme) {
  const legend = spec.labelled ? [] : spec.legend ?? [];
  // In columns as wide as the longest name, if they do not all fit into one line.
  const from = Math.min(frame.left, 62), room = frame.width - 8 - from;
  const widths = legend.map((entry) => 46 + measure(entry.label, 11));
  const oneLine = widths.reduce((sum, width) => sum + width, 0) <= room;
  const column = Math.min(Math.max(0, ...widths), room), columns = Math.max(1, Math.floor(room / column));
  let x = from, y = frame.height + 12;
  legend.forEach((entry, i) => {
    if (!oneLine && i) [x, y] = i % columns ? [x + column, y] : [from, y + 16];
    const style = entry.style ?? {stroke: theme.ink, dash: [4, 3]};
    frame.shapes.push(lineShape([[x, y - 4], [x + 22, y - 4]], {stroke: style.stroke, dash: style.dash, width: 2, m: entry.m}));
    frame.shapes.push(textShape(x + 27, y, fitted(entry.label, 11, room - 28), {size: 11, fill: theme.ink, m: entry.m}));
    if (oneLine) x += widths[i];
  });
  if (legend.length) frame.height = y + 8;
  if (!spec.forFile) return;
  y += legend.length ? 20 : 6;
  for (const line of wrapText(spec.caption, 9, frame.width - 16)) {
    frame.shapes.push(textShape(8, y, line, {size: 9, fill: theme.muted}));
    y += 12;
  }
  frame.height = y;
}

function addYAxis(frame, axis, label, theme) {
  const texts = tickTexts(axis);
  axis.ticks.forEach((tick, i) => {
    const y = axis.place(tick);
    frame.shapes.push(lineShape([[frame.left, y], [frame.right, y]], {stroke: theme.grid}));
    frame.shapes.push(textShape(frame.left - 6, y + 4, texts[i], {size: 11, anchor: "end", fill: theme.muted}));
  });
  frame.shapes.push(textShape(12, (frame.top + frame.bottom) / 2, label, {anchor: "middle", rotate: -90, fill: theme.ink}));
}

function addXAxis(frame, axis, label, theme, ticks) {
  let free = -Infinity;
  const texts = ticks ? [] : tickTexts(axis);
  for (const tick of ticks ?? axis.ticks.map((at, i) => ({at, label: texts[i]}))) {
    const x = axis.place(tick.at);
    const half = measure(tick.label, 11) / 2;
    if (x === null || x - half < free) continue;
    free = x + half + 6;
    frame.shapes.push(lineShape([[x, frame.bottom], [x, frame.bottom + 4]], {stroke: theme.muted}));
    frame.shapes.push(textShape(x, frame.bottom + 17, tick.label, {size: 11, anchor: "middle", fill: theme.muted}));
  }
  frame.shapes.push(lineShape([[frame.left, frame.bottom], [frame.right, frame.bottom]], {stroke: theme.muted}));
  frame.shapes.push(textShape((frame.left + frame.right) / 2, frame.bottom + 35, label, {anchor: "middle", fill: theme.ink}));
}

function nothingToDraw(spec, theme, why) {
  const frame = newFrame(spec, 60, 44);
  addTitle(frame, spec, theme);
  frame.shapes.push(textShape(spec.width / 2, spec.height / 2, why, {anchor: "middle", fill: theme.muted}));
  addBelow(frame, spec, theme);
  return {shapes: frame.shapes, width: frame.width, height: frame.height, points: []};
}

// ---- lines with bands ------------------------------------------------------------------------------------------------

// Runs of points without a gap; what leaves the axes' range is clamped to the frame.
function pieces(xs, ys, place) {
  const all = [];
  let piece = [];
  for (let i = 0; i < xs.length; ++i) {
    const point = place(xs[i], ys[i]);
    if (point) {
      piece.push(point);
    } else if (piece.length) {
      all.push(piece);
      piece = [];
    }
  }
  if (piece.length) all.push(piece);
  return all;
}

// The corners of a function that keeps its value until the next point.
const asSteps = (piece) => piece.flatMap((p, i) => (i ? [[p[0], piece[i - 1][1]], p] : [p]));

// Labels at the lines' right end; where one would cover the last, left of it. Where that leaves no room, only the value.
function addReferences(frame, references, y, theme) {
  let above = Infinity, end = frame.right - 2;
  const placed = references.map((r) => ({...r, at: y.place(r.y)})).filter((r) => r.at !== null).sort((a, b) => b.at - a.at);
  const colour = (r) => r.style?.stroke ?? theme.muted;
  for (const r of placed) frame.shapes.push(lineShape([[frame.left, r.at], [frame.right, r.at]], {stroke: colour(r), dash: [1, 3], width: 1.5}));
  for (const r of placed) {
    if (above - r.at >= 12) end = frame.right - 2;
    const label = end - measure(r.label, 10) < frame.left ? formatNumber(r.y) : r.label;
    if (end - measure(label, 10) < frame.left) continue;
    frame.shapes.push(textShape(end, r.at - 3, label, {size: 10, anchor: "end", fill: colour(r), halo: theme.paper}));
    end -= measure(label, 10) + 8;
    above = r.at;
  }
}

// The names of the lines beside their right ends, where there is room for them.
const LABEL = 11, LABEL_STEP = 12.5, SAMPLE = 16;

function labelRoom(spec) {
  if (spec.forFile || !spec.legend?.length || spec.width < 420) return 0;
  return Math.min(Math.max(...spec.series.map((s) => measure(s.label, LABEL)), 0) + SAMPLE + 22, spec.width * 0.36);
}

// Places as near to `wanted` as they can be, `step` apart, from `low` to `high`. Where they do not all fit, closer together.
function spread(wanted, step, low, high) {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const gap = Math.min(step, (high - low) / Math.max(1, wanted.length - 1)), placed = [];
  let least = low;
  for (const i of order) {
    placed[i] = Math.max(wanted[i], least);
    least = placed[i] + gap;
  }
  let most = high;
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i], most);
    most = placed[i] - gap;
  }
  return placed;
}

function addLabels(frame, points, theme) {
  const ends = points.filter((p) => p.own.length).map(({series, own}) => ({series, ...own[own.length - 1]}));
  const clamp = (y) => Math.min(Math.max(y, frame.top), frame.bottom);
  const at = spread(ends.map((e) => clamp(e.py)), LABEL_STEP, frame.top, frame.bottom);
  const room = frame.width - frame.right - SAMPLE - 20;
  ends.forEach(({series, px, py}, i) => {
    const {stroke, dash} = series.style, m = series.m, x = frame.right + 12;
    frame.shapes.push(lineShape([[px, clamp(py)], [x - 2, at[i]]], {stroke, width: 0.8, opacity: 1, m, dash: [1, 2]}));
    frame.shapes.push(lineShape([[x, at[i]], [x + SAMPLE, at[i]]], {stroke, dash, width: 2, m, sample: true}));
    frame.shapes.push(textShape(x + SAMPLE + 4, at[i] + 4, fitted(series.label, LABEL, room), {size: LABEL, fill: theme.ink, m, direct: true}));
  });
}

// Where a value is drawn; what leaves the frame is clamped to it.
const placeIn = (x, y, clamp) => (a, b) => {
  const px = x.place(a), py = y.place(b);
  return px === null || py === null ? null : [px, clamp(py)];
};

function addBand(frame, s, x, y, clamp) {
  // Below 0 a logarithmic axis ends: the band then reaches the frame.
  const lower = s.low.map((v) => (v === null ? null : clamp(y.place(v) ?? frame.bottom)));
  for (const piece of pieces(s.x, s.x.map((_, i) => i), (at, i) => {
    const px = x.place(at), high = y.place(s.high[i]);
    return px === null || high === null || lower[i] === null ? null : [px, clamp(high), lower[i]];
  })) {
    const points = [...piece.map((p) => [p[0], p[1]]), ...piece.map((p) => [p[0], p[2]]).reverse()];
    frame.shapes.push({kind: "path", points, close: true, fill: s.style.stroke, stroke: "none", width: 0, dash: [], opacity: 0.15, m: s.m});
  }
}

// Returns the places of the values, for pointing and for the label.
function addLine(frame, s, x, y, clamp, steps) {
  const own = [];
  for (const piece of pieces(s.x, s.y, placeIn(x, y, clamp))) {
    if (piece.length === 1 || s.marks) {
      for (const [px, py] of piece) frame.shapes.push({kind: "circle", x: px, y: py, r: 3, fill: s.style.stroke, stroke: "none", m: s.m});
    }
    if (piece.length > 1) {
      frame.shapes.push(lineShape(steps ? asSteps(piece) : piece, {stroke: s.style.stroke, dash: s.style.dash, width: 2, m: s.m, line: true}));
    }
  }
  s.x.forEach((a, i) => {
    const px = x.place(a), py = y.place(s.y[i]);
    if (px !== null && py !== null) own.push({px, py, i});
  });
  return {series: s, own};
}

// spec: {title, caption, width, height, xLabel, yLabel, xLog, yLog, yRange, xTicks, steps, series: [{label, m, style, x, y, low,
//        high, marks}], references: [{label, y, style}], legend, forFile}. Returns shapes, size and the points for hovering.
function drawLines(spec, theme) {
  const xs = extent(spec.series.map((s) => s.x), spec.xLog);
  const shown = spec.series.flatMap((s) => [s.y, s.low ?? [], s.high ?? []]);
  const means = extent(spec.series.map((s) => s.y), spec.yLog);
  let ys = spec.yRange ?? extent([...shown, spec.references.map((r) => r.y)], spec.yLog);
  if (!xs || !ys || !means) return nothingToDraw(spec, theme, spec.series.length ? "nothing that these axes can show" : "no method is chosen");
  // A band that all but reaches 0 must not stretch a logarithmic axis over many decades.
  if (!spec.yRange && !spec.yLog) ys = [ys[0], ys[1] + 0.04 * (ys[1] - ys[0])];
  if (spec.yLog) ys = [Math.max(ys[0], means[0] / 10), ys[1]];
  const room = labelRoom(spec);
  // As high as it takes to write all names under one another.
  const height = room ? Math.max(spec.height, 30 + 46 + LABEL_STEP * spec.series.length) : spec.height;
  const frame = newFrame({...spec, height}, 62, 46, room || 14);
  const x = makeAxis(xs[0], xs[1], frame.left, frame.right, spec.xLog, Math.max(3, Math.round((frame.right - frame.left) / 95)));
  const y = makeAxis(ys[0], ys[1], frame.bottom, frame.top, spec.yLog, 5);
  addTitle(frame, spec, theme);
  addYAxis(frame, y, spec.yLabel, theme);
  addXAxis(frame, x, spec.xLabel, theme, spec.xTicks);
  const clamp = (value) => Math.min(Math.max(value, frame.top), frame.bottom);
  for (const s of spec.series) if (s.low) addBand(frame, s, x, y, clamp);
  const points = spec.series.map((s) => addLine(frame, s, x, y, clamp, spec.steps));
  addReferences(frame, spec.references, y, theme);
  if (room) addLabels(frame, points, theme);
  addBelow(frame, {...spec, labelled: room > 0}, theme);
  return {shapes: frame.shapes, width: frame.width, height: frame.height, points, left: frame.left, right: frame.right, top: frame.top, bottom: frame.bottom};
}

// ---- box plots -------------------------------------------------------------------------------------------------------

function quantile(sorted, p) {
  const at = (sorted.length - 1) * p, i = Math.floor(at);
  return i + 1 < sorted.length ? sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]) : sorted[i];
}

// Quartiles, and whiskers to the farthest values within 1.5 times their distance (Tukey).
function boxOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const [q1, median, q3] = [0.25, 0.5, 0.75].map((p) => quantile(sorted, p));
  const inside = sorted.filter((v) => v >= q1 - 1.5 * (q3 - q1) && v <= q3 + 1.5 * (q3 - q1));
  return {q1, median, q3, low: inside[0], high: inside[inside.length - 1]};
}

// The names of rows at the left, cut where they would take more than two fifths of the width.
function rowsFrame(spec, rows, theme) {
  const left = Math.min(Math.max(...rows.map((row) => measure(row.label, LABEL))) + 16, spec.width * 0.4);
  const step = Math.max(16, Math.min(26, 260 / rows.length));
  const frame = newFrame({...spec, height: 30 + 46 + step * rows.length}, left, 46);
  addTitle(frame, spec, theme);
  rows.forEach((row, r) => {
    row.at = frame.top + (r + 0.5) * step;
    frame.shapes.push(textShape(left - 8, row.at + 4, fitted(row.label, LABEL, left - 12), {size: LABEL, anchor: "end", fill: theme.ink, m: row.m}));
  });
  return {frame, step};
}

// Lines down from the ticks of the x axis, which rows are read against.
function addColumns(frame, axis, theme) {
  for (const tick of axis.ticks) {
    const x = axis.place(tick);
    frame.shapes.push(lineShape([[x, frame.top], [x, frame.bottom]], {stroke: theme.grid}));
  }
}

// A row per method. spec: {title, caption, width, xLabel, rows: [{label, m, style, values}], forFile}
function drawBoxes(spec, theme) {
  const rows = spec.rows.filter((row) => row.values.length).map((row) => ({...row}));
  const xs = extent(rows.map((row) => row.values), false);
  if (!xs) return nothingToDraw({height: 160, ...spec}, theme, "no value to show");
  const {frame, step} = rowsFrame(spec, rows, theme);
  const x = makeAxis(xs[0], xs[1], frame.left + 6, frame.right - 6, false, Math.max(3, Math.round((frame.right - frame.left) / 95)));
  addColumns(frame, x, theme);
  const points = rows.map(({label, m, style, values, at}) => {
    const b = boxOf(values), half = Math.min(step * 0.34, 8), {stroke} = style;
    const [q1, median, q3, low, high] = [b.q1, b.median, b.q3, b.low, b.high].map(x.place);
    frame.shapes.push({kind: "path", points: [[q1, at - half], [q1, at + half], [q3, at + half], [q3, at - half]], close: true,
      fill: stroke, stroke, width: 1, dash: [], opacity: 0.3, m});
    frame.shapes.push(lineShape([[median, at - half], [median, at + half]], {stroke, width: 2.5, m}));
    frame.shapes.push(lineShape([[q1, at], [low, at]], {stroke, dash: style.dash, m}));
    frame.shapes.push(lineShape([[q3, at], [high, at]], {stroke, dash: style.dash, m}));
    for (const value of values) frame.shapes.push({kind: "circle", x: x.place(value), y: at, r: 1.8, fill: stroke, stroke: "none", m});
    return {series: {label, m, style, x: [label], y: [b.median]}, own: [{px: median, py: at, i: 0}]};
  });
  addXAxis(frame, x, spec.xLabel, theme);
  addBelow(frame, spec, theme);
  return {shapes: frame.shapes, width: frame.width, height: frame.height, points, left: frame.left, right: frame.right, top: frame.top, bottom: frame.bottom};
}

// ---- mean ranks ------------------------------------------------------------------------------------------------------

// A row per method: its mean rank, a bar of the critical difference around it (methods whose bars overlap are not told apart), and
// its rank on every data set. spec: {title, caption, width, xLabel, rows: [{label, m, style, mean, ranks}], difference, forFile}
function drawRanks(spec, theme) {
  const rows = spec.rows.map((row) => ({...row})), half = spec.difference / 2;
  const {frame, step} = rowsFrame(spec, rows, theme);
  const low = Math.min(1, ...rows.map((row) => row.mean - half)), high = Math.max(rows.length, ...rows.map((row) => row.mean + half));
  const x = makeAxis(low, high, frame.left + 6, frame.right - 6, false, Math.max(3, Math.round((frame.right - frame.left) / 60)));
  x.ticks = x.ticks.filter((tick) => tick >= 1 && tick <= rows.length);
  addColumns(frame, x, theme);
  const points = rows.map((row) => {
    const {stroke} = row.style, {m, at} = row, place = x.place(row.mean);
    // Below the bar, which would cover them.
    for (const rank of row.ranks) frame.shapes.push({kind: "circle", x: x.place(rank), y: at + Math.min(7, step / 2.4) / 2 + 3, r: 1.6, fill: theme.muted, stroke: "none", m});
    frame.shapes.push(lineShape([[x.place(row.mean - half), at], [x.place(row.mean + half), at]], {stroke, width: Math.min(7, step / 2.4), opacity: 1, m}));
    frame.shapes.push({kind: "circle", x: place, y: at, r: 4.5, fill: theme.paper, stroke: "none", m});
    frame.shapes.push({kind: "circle", x: place, y: at, r: 3, fill: stroke, stroke: "none", m});
    return {series: {label: row.label, m, style: row.style, x: [row.label], y: [row.mean]}, own: [{px: place, py: at, i: 0}]};
  });
  addXAxis(frame, x, spec.xLabel, theme);
  addBelow(frame, spec, theme);
  return {shapes: frame.shapes, width: frame.width, height: frame.height, points, left: frame.left, right: frame.right, top: frame.top, bottom: frame.bottom};
}

// ---- heat maps -------------------------------------------------------------------------------------------------------

// Cividis: evenly spaced in lightness, the same for colour-blind readers.
const CIVIDIS = [[0, 34, 78], [53, 69, 108], [102, 105, 112], [148, 142, 119], [200, 184, 102], [254, 232, 56]];

function cividis(part) {
  const at = Math.min(Math.max(part, 0), 1) * (CIVIDIS.length - 1), i = Math.min(Math.floor(at), CIVIDIS.length - 2);
  const rgb = CIVIDIS[i].map((c, k) => Math.round(c + (at - i) * (CIVIDIS[i + 1][k] - c)));
  return {fill: `#${rgb.map((c) => c.toString(16).padStart(2, "0")).join("")}`, ink: part > 0.55 ? "#000000" : "#ffffff"};
}

// How far a value is from the least to the greatest, 0 to 1. Values of several magnitudes by their logarithm, else one of them
// would make all others look the same.
function colourScale(values) {
  const range = extent(values, false), positive = extent(values, true);
  if (!range) return null;
  const log = range[0] >= 0 && positive !== null && positive[1] / positive[0] >= 100;
  const [low, high] = log ? positive : range, f = log ? Math.log : (v) => v;
  const part = (value) => (low === high ? 0.5 : value <= low ? 0 : (f(value) - f(low)) / (f(high) - f(low)));
  return {low, high, log, part};
}

function addColourBar(frame, scale, theme) {
  if (scale.low === scale.high) return;
  const steps = 30, y = frame.height + 2, low = formatNumber(scale.low, 3), from = frame.left + measure(low, 11) + 6;
  for (let i = 0; i < steps; ++i) {
    frame.shapes.push(lineShape([[from + 4 * i, y], [from + 4 * i + 4.3, y]], {stroke: cividis(i / (steps - 1)).fill, width: 10}));
  }
  frame.shapes.push(textShape(frame.left, y + 4, low, {size: 11, fill: theme.muted}));
  const high = `${formatNumber(scale.high, 3)}${scale.log ? " (logarithmic colours)" : ""}`;
  frame.shapes.push(textShape(from + 4 * steps + 6, y + 4, high, {size: 11, fill: theme.muted}));
  frame.height += 18;
}

// spec: {title, caption, width, xLabel, yLabel, columns, rows, values[row][column]}; null: an empty cell.
function drawHeatMap(spec, theme) {
  const scale = colourScale(spec.values);
  if (!scale) return nothingToDraw({height: 160, ...spec}, theme, "no value to show");
  const widest = Math.max(...spec.rows.map((r) => measure(r, 11)));
  const left = Math.min(34 + widest, spec.width * 0.45);
  const height = Math.max(22, Math.min(34, 260 / spec.rows.length));
  const frame = newFrame({...spec, height: 76 + height * spec.rows.length}, left, 46);
  const width = (frame.right - left) / spec.columns.length;
  addTitle(frame, spec, theme);
  const points = [];
  spec.rows.forEach((row, r) => {
    const y = frame.top + r * height;
    frame.shapes.push(textShape(left - 6, y + height / 2 + 4, fitted(row, 11, left - 30), {size: 11, anchor: "end", fill: theme.muted}));
    spec.columns.forEach((column, c) => {
      const value = spec.values[r][c];
      const x = left + c * width;
      if (value === null || !Number.isFinite(value)) return;
      const colour = cividis(scale.part(value));
      frame.shapes.push({kind: "path", points: [[x, y], [x + width, y], [x + width, y + height], [x, y + height]], close: true,
        fill: colour.fill, stroke: theme.paper, width: 1, dash: [], opacity: 1});
      const text = formatNumber(value, 3);
      if (measure(text, 11) < width - 4) frame.shapes.push(textShape(x + width / 2, y + height / 2 + 4, text, {size: 11, anchor: "middle", fill: colour.ink}));
      points.push({series: {label: `${row}, ${column}`, style: {stroke: colour.fill, dash: []}, x: [column], y: [value]},
        own: [{px: x + width / 2, py: y + height / 2, i: 0}]});
    });
  });
  addXAxis(frame, {place: (v) => v}, spec.xLabel, theme, spec.columns.map((label, c) => ({at: left + (c + 0.5) * width, label})));
  frame.shapes.push(textShape(12, (frame.top + frame.bottom) / 2, spec.yLabel, {anchor: "middle", rotate: -90, fill: theme.ink}));
  addColourBar(frame, scale, theme);
  addBelow(frame, spec, theme);
  return {shapes: frame.shapes, width: frame.width, height: frame.height, points, left: frame.left, right: frame.right, top: frame.top, bottom: frame.bottom};
}
