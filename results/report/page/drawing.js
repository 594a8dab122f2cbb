// Plots as lists of shapes in plain coordinates: the same list becomes SVG on the page and SVG, PDF or PNG in a file.
// A shape: {kind: "path", points, close, fill, stroke, width, dash, opacity} | {kind: "circle", x, y, r, fill, stroke}
//        | {kind: "text", x, y, text, size, anchor: "start" | "middle" | "end", fill, rotate, bold}.

// Okabe and Ito's palette (distinguishable with every kind of colour vision), lighter where the page is dark.
const LIGHT = {paper: "#ffffff", ink: "#1b1b1b", muted: "#5c5c5c", grid: "#dddddd",
  series: ["#0072B2", "#D55E00", "#009E73", "#A0528A", "#B87900", "#3A9BD9", "#1b1b1b"]};
const DARK = {paper: "#16181c", ink: "#eceff4", muted: "#a3a9b5", grid: "#363b45",
  series: ["#4FB0EE", "#FF8A4C", "#2CC99B", "#E7A0CB", "#F0B429", "#9AD7FF", "#eceff4"]};
const DASHES = [[], [7, 3], [3, 3], [9, 3, 2, 3]];

// Colour and dash of the i-th method: neighbours differ in both, 28 pairs in all.
function lineStyle(i, theme) {
  return {stroke: theme.series[i % theme.series.length], dash: DASHES[i % DASHES.length]};
}

const measure = (() => {
  let context = null;
  return (text, size) => {
    context ??= document.createElement("canvas").getContext("2d");
    context.font = `${size}px Helvetica, Arial, sans-serif`;
    return context.measureText(text).width;
  };
})();

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
function newFrame(spec, left, bottom) {
  const frame = {width: spec.width, shapes: [], left, right: spec.width - 14, top: 30, bottom: spec.height - bottom};
  frame.height = spec.height;
  return frame;
}

function addTitle(frame, spec, theme) {
  let title = spec.title;
  while (title.length > 4 && measure(title, 13) > frame.width - 16) title = `${title.slice(0, -4)}...`;
  frame.shapes.push(textShape(8, 18, title, {size: 13, fill: theme.ink, bold: true}));
}

function addBelow(frame, spec, theme) {
  const legend = spec.legend ?? [];
  let x = frame.left, y = frame.height + 12;
  for (const entry of legend) {
    const width = 34 + measure(entry.label, 11);
    if (x > frame.left && x + width > frame.width - 8) [x, y] = [frame.left, y + 16];
    const style = entry.style ?? {stroke: theme.ink, dash: [4, 3]};
    frame.shapes.push(lineShape([[x, y - 4], [x + 22, y - 4]], {stroke: style.stroke, dash: style.dash, width: 2}));
    frame.shapes.push(textShape(x + 27, y, entry.label, {size: 11, fill: theme.ink}));
    x += width + 12;
  }
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

// Labels at the lines' right end; where one would cover the last, left of it. In a narrow plot only the value: the colour says whose.
function addReferences(frame, references, y, theme) {
  const narrow = frame.width < 450;
  let above = Infinity, end = frame.right - 2;
  const placed = references.map((r) => ({...r, at: y.place(r.y)})).filter((r) => r.at !== null).sort((a, b) => b.at - a.at);
  const colour = (r) => r.style?.stroke ?? theme.muted;
  for (const r of placed) frame.shapes.push(lineShape([[frame.left, r.at], [frame.right, r.at]], {stroke: colour(r), dash: [1, 3], width: 1.5}));
  for (const r of placed) {
    const label = narrow && r.style ? formatNumber(r.y) : r.label;
    if (above - r.at >= 12) end = frame.right - 2;
    if (end - measure(label, 10) < frame.left) continue;
    frame.shapes.push(textShape(end, r.at - 3, label, {size: 10, anchor: "end", fill: colour(r), halo: theme.paper}));
    end -= measure(label, 10) + 8;
    above = r.at;
  }
}

// spec: {title, caption, width, height, xLabel, yLabel, xLog, yLog, yRange, xTicks, steps, series: [{label, style, x, y, low,
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
  const frame = newFrame(spec, 62, 46);
  const x = makeAxis(xs[0], xs[1], frame.left, frame.right, spec.xLog, Math.max(3, Math.round(spec.width / 110)));
  const y = makeAxis(ys[0], ys[1], frame.bottom, frame.top, spec.yLog, 5);
  addTitle(frame, spec, theme);
  addYAxis(frame, y, spec.yLabel, theme);
  addXAxis(frame, x, spec.xLabel, theme, spec.xTicks);
  const clamp = (value) => Math.min(Math.max(value, frame.top), frame.bottom);
  for (const s of spec.series) {
    if (!s.low) continue;
    // Below 0 a logarithmic axis ends: the band then reaches the frame.
    const lower = s.low.map((v) => (v === null ? null : clamp(y.place(v) ?? frame.bottom)));
    for (const piece of pieces(s.x, s.x.map((_, i) => i), (at, i) => {
      const px = x.place(at), high = y.place(s.high[i]);
      return px === null || high === null || lower[i] === null ? null : [px, clamp(high), lower[i]];
    })) {
      const points = [...piece.map((p) => [p[0], p[1]]), ...piece.map((p) => [p[0], p[2]]).reverse()];
      frame.shapes.push({kind: "path", points, close: true, fill: s.style.stroke, stroke: "none", width: 0, dash: [], opacity: 0.15});
    }
  }
  const points = [];
  for (const s of spec.series) {
    const own = [];
    for (const piece of pieces(s.x, s.y, (a, b) => {
      const px = x.place(a), py = y.place(b);
      return px === null || py === null ? null : [px, clamp(py)];
    })) {
      if (piece.length === 1 || s.marks) {
        for (const [px, py] of piece) frame.shapes.push({kind: "circle", x: px, y: py, r: 3, fill: s.style.stroke, stroke: "none"});
      }
      if (piece.length > 1) frame.shapes.push(lineShape(spec.steps ? asSteps(piece) : piece, {stroke: s.style.stroke, dash: s.style.dash, width: 2}));
    }
    s.x.forEach((a, i) => {
      const px = x.place(a), py = y.place(s.y[i]);
      if (px !== null && py !== null) own.push({px, py, i});
    });
    points.push({series: s, own});
  }
  addReferences(frame, spec.references, y, theme);
  addBelow(frame, spec, theme);
  return {shapes: frame.shapes, width: frame.width, height: frame.height, points, top: frame.top, bottom: frame.bottom};
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

// spec: {title, caption, width, height, yLabel, yLog, groups: [{label, boxes: [{label, style, values}]}], references, ...}
function drawBoxes(spec, theme) {
  const groups = spec.groups.map((g) => ({...g, boxes: g.boxes.filter((b) => b.values.length)})).filter((g) => g.boxes.length);
  const ys = extent(groups.flatMap((g) => g.boxes.map((b) => b.values)), spec.yLog);
  if (!ys) return nothingToDraw(spec, theme, "no value to show");
  const frame = newFrame(spec, 62, 46);
  const slots = groups.reduce((sum, g) => sum + g.boxes.length + 1, 0);
  const slot = (frame.right - frame.left) / slots;
  const y = makeAxis(ys[0], ys[1], frame.bottom - 6, frame.top + 6, spec.yLog, 5);
  addTitle(frame, spec, theme);
  addYAxis(frame, y, spec.yLabel, theme);
  const ticks = [];
  const points = [];
  let at = frame.left + slot;
  for (const group of groups) {
    ticks.push({at: at + ((group.boxes.length - 1) / 2) * slot, label: group.label});
    for (const box of group.boxes) {
      const b = boxOf(box.values), half = Math.min(slot * 0.38, 16);
      const [q1, median, q3, low, high] = [b.q1, b.median, b.q3, b.low, b.high].map(y.place);
      const stroke = box.style.stroke;
      if (q1 === null || low === null) continue;
      frame.shapes.push({kind: "path", points: [[at - half, q1], [at + half, q1], [at + half, q3], [at - half, q3]], close: true,
        fill: stroke, stroke, width: 1, dash: [], opacity: 0.3});
      frame.shapes.push(lineShape([[at - half, median], [at + half, median]], {stroke, width: 2.5}));
      frame.shapes.push(lineShape([[at, q1], [at, low]], {stroke, dash: box.style.dash}));
      frame.shapes.push(lineShape([[at, q3], [at, high]], {stroke, dash: box.style.dash}));
      for (const value of box.values) frame.shapes.push({kind: "circle", x: at, y: y.place(value), r: 1.8, fill: stroke, stroke: "none"});
      points.push({series: {label: `${box.label}, ${group.label}`, style: box.style, x: [group.label], y: [b.median]}, own: [{px: at, py: median, i: 0}]});
      at += slot;
    }
    at += slot;
  }
  addXAxis(frame, {place: (v) => v}, spec.xLabel, theme, ticks);
  addBelow(frame, spec, theme);
  return {shapes: frame.shapes, width: frame.width, height: frame.height, points, top: frame.top, bottom: frame.bottom};
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
    let label = row;
    while (label.length > 4 && measure(label, 11) > left - 30) label = `${label.slice(0, -4)}...`;
    frame.shapes.push(textShape(left - 6, y + height / 2 + 4, label, {size: 11, anchor: "end", fill: theme.muted}));
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
  return {shapes: frame.shapes, width: frame.width, height: frame.height, points, top: frame.top, bottom: frame.bottom};
}
