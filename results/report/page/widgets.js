// Elements: controls, plots with hovering and downloads, sortable and filterable tables.

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

const darkNow = () => document.documentElement.dataset.theme === "dark";
const themeNow = () => (darkNow() ? DARK : LIGHT);

// `options`: [value, text] pairs. Changes the view and draws again.
function choice(label, key, options, current = view[key]) {
  if (options.length < 2) return null;
  const select = h("select", {"data-key": key, onchange: () => change({[key]: select.value})},
    options.map(([value, text]) => h("option", {value, selected: value === current}, text)));
  return h("label", {}, label, select);
}

// ---- plots -----------------------------------------------------------------------------------------------------------

const hideHover = () => { document.getElementById("hover").hidden = true; };

const HOVER_ENTRIES = 12;

// The curve that is pointed at comes first if there are more than are listed.
function showHover(entries, title, pageX, pageY, near) {
  const box = document.getElementById("hover");
  const own = entries.filter((e) => near && e.series.m === near.m);
  const listed = entries.length > HOVER_ENTRIES ? [...own, ...entries.filter((e) => !own.includes(e))].slice(0, HOVER_ENTRIES) : entries;
  box.replaceChildren(h("b", {}, title), ...listed.map((e) => h("div", {class: own.includes(e) ? "pointed" : null},
    e.series.m === undefined ? h("i", {style: `background:${e.series.style.stroke}`}) : lineSample(e.series.m), `${e.series.label}: ${e.text}`)));
  if (entries.length > listed.length) box.append(`and ${entries.length - listed.length} more`);
  box.hidden = false;
  const width = box.offsetWidth;
  box.style.left = `${Math.max(4, Math.min(pageX + 14, document.documentElement.clientWidth - width - 8))}px`;
  box.style.top = `${pageY + 14}px`;
}

// Of every line the value nearest to place `px`; of boxes and cells the nearest one.
function nearest(drawing, spec, px, py) {
  const found = [];
  for (const {series, own} of drawing.points) {
    let best = null;
    for (const p of own) if (!best || Math.abs(p.px - px) < Math.abs(best.px - px)) best = p;
    if (best) found.push({series, ...best});
  }
  if (spec.single) {
    found.sort((a, b) => Math.hypot(a.px - px, a.py - py) - Math.hypot(b.px - px, b.py - py));
    found.length = Math.min(found.length, 1);
  } else {
    found.sort((a, b) => a.py - b.py);
  }
  for (const f of found) {
    const s = f.series;
    f.text = formatNumber(s.y[f.i], 5);
    if (s.low) f.text += ` [${formatNumber(s.low[f.i])}, ${formatNumber(s.high[f.i])}]`;
  }
  return found;
}

// How near the pointer must be to a curve, in units of the drawing.
const POINTED = 14;

// The series that is drawn at (px, py), between its values too; null: none, or one that is no method's.
function curveAt(drawing, spec, px, py) {
  let best = null, least = POINTED;
  for (const {series, own} of drawing.points) {
    if (series.m === undefined) continue;
    for (let i = 0; i < own.length; ++i) {
      const a = own[i], b = own[Math.min(i + 1, own.length - 1)], span = b.px - a.px;
      const part = spec.single || spec.steps || span === 0 ? 0 : Math.min(Math.max((px - a.px) / span, 0), 1);
      const away = Math.hypot(spec.single ? 0 : a.px + part * span - px, a.py + part * (b.py - a.py) - py);
      if (away < least) [best, least] = [series, away];
    }
  }
  return best;
}

function attachHover(figure, box, spec, current) {
  let marker = null;
  const show = (px, py, pageX, pageY, near = curveAt(current(), spec, px, py)) => {
    const drawing = current();
    const entries = nearest(drawing, spec, px, py);
    lift(near?.m ?? null);
    if (!entries.length) return hideHover();
    const first = entries.reduce((a, b) => (Math.abs(a.px - px) <= Math.abs(b.px - px) ? a : b));
    const at = first.series.x[first.i];
    const title = typeof at === "number" ? `${spec.xLabel} ${spec.xTicks?.[at]?.label ?? formatNumber(at, 6)}` : "";
    marker?.remove();
    if (!spec.single) {
      marker = document.createElementNS("http://www.w3.org/2000/svg", "path");
      marker.setAttribute("d", `M${first.px} ${drawing.top}V${drawing.bottom}`);
      marker.setAttribute("stroke", themeNow().muted);
      box.querySelector("svg").append(marker);
    }
    showHover(entries, title, pageX, pageY, near);
  };
  const hide = () => { marker?.remove(); hideHover(); lift(null); };
  box.addEventListener("mousemove", (event) => {
    const frame = box.getBoundingClientRect(), scale = current().width / frame.width;
    const [px, py] = [(event.clientX - frame.left) * scale, (event.clientY - frame.top) * scale];
    // Beside the axes there are the names.
    const name = event.target.closest?.("text[data-m], path[data-m]")?.dataset.m;
    const drawing = current();
    if (name !== undefined && (px > drawing.right || px < drawing.left || py > drawing.bottom)) {
      marker?.remove();
      hideHover();
      return lift(Number(name));
    }
    show(px, py, event.pageX, event.pageY);
  });
  box.addEventListener("mouseleave", hide);
  // The arrow keys left and right walk through the values, up and down through the curves.
  let at = -1;
  const turnTo = (turn) => {
    const ends = current().points.filter((p) => p.own.length && p.series.m !== undefined).map((p) => ({m: p.series.m, y: p.own[Math.min(Math.max(at, 0), p.own.length - 1)].py}));
    ends.sort((a, b) => a.y - b.y);
    const now = ends.findIndex((e) => e.m === lifted);
    if (ends.length) lift(ends[now < 0 ? (turn > 0 ? 0 : ends.length - 1) : (now + turn + ends.length) % ends.length].m);
  };
  box.addEventListener("keydown", (event) => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key], turn = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (event.key === "Escape") hide();
    if (!step && !turn) return;
    event.preventDefault();
    if (turn) return turnTo(turn);
    const stops = [...new Set(current().points.flatMap((p) => p.own.map((o) => o.px)))].sort((a, b) => a - b);
    if (!stops.length) return;
    at = Math.min(Math.max(at + step, 0), stops.length - 1);
    const frame = box.getBoundingClientRect(), scale = frame.width / current().width;
    const inLine = current().points.flatMap((p) => p.own).find((o) => o.px === stops[at]);
    show(stops[at], inLine.py, window.scrollX + frame.left + stops[at] * scale, window.scrollY + frame.top + inLine.py * scale,
      lifted === null ? null : {m: lifted});
  });
  box.addEventListener("blur", hide);
}

// What is drawn, in numbers: a line per point.
function plotLines(spec) {
  const lines = [["series", spec.xLabel, spec.yLabel, "low", "high"]];
  for (const s of spec.series ?? []) s.x.forEach((x, i) => lines.push([s.label, spec.xTicks?.[x]?.label ?? x, s.y[i], s.low?.[i], s.high?.[i]]));
  for (const row of spec.columns ? [] : spec.rows ?? []) for (const v of row.values ?? [row.mean, ...row.ranks]) lines.push([row.label, "", v, null, null]);
  if (spec.columns) spec.rows.forEach((row, r) => spec.columns.forEach((column, c) => lines.push([row, column, spec.values[r][c], null, null])));
  return lines;
}

// A plot: `makeSpec(theme)` gives what `draw` draws; `spec.caption` is the full text for files, `spec.shortCaption` the page's.
function plot(draw, makeSpec) {
  // As wide as a column of .plots (page.css), so that the browser does not enlarge the text.
  const page = document.getElementById("content").clientWidth, columns = Math.max(1, Math.floor((page + 14) / (560 + 14)));
  const width = Math.max(300, Math.floor((page - 14 * (columns - 1)) / columns) - 18);
  const size = {width, height: Math.round(Math.min(420, Math.max(260, width * 0.58)))};
  const spec = {...makeSpec(themeNow()), ...size};
  const drawing = draw(spec, themeNow());
  const inFile = () => draw({...makeSpec(LIGHT), width: 640, height: 380, forFile: true}, LIGHT);
  const svg = () => svgText(inFile(), spec.caption, LIGHT.paper);
  const name = spec.title;
  const files = {
    SVG: () => download(`${name}.svg`, svg(), "image/svg+xml"),
    PDF: () => download(`${name}.pdf`, pdfText(inFile(), spec.caption), "application/pdf"),
    PNG: async () => download(`${name}.png`, await pngBlob(inFile(), spec.caption, LIGHT.paper)),
    CSV: () => download(`${name}.csv`, csvText(plotLines(spec)), "text/csv"),
  };
  const box = h("div", {class: "drawing", tabindex: 0, role: "img", "aria-label": `${spec.title}. Arrow keys: left and right show the values, up and down lift a curve.`});
  box.innerHTML = svgText(drawing);
  const figure = h("figure", {}, box, h("figcaption", {}, spec.shortCaption ?? spec.caption),
    h("div", {class: "controls small"}, Object.entries(files).map(([kind, save]) =>
      h("button", {type: "button", onclick: save, "aria-label": `download ${kind}: ${name}`}, kind))));
  figure.files = {svg, pdf: () => pdfText(inFile(), spec.caption),
    png: () => pngBlob(inFile(), spec.caption, LIGHT.paper), csv: () => csvText(plotLines(spec))};
  attachHover(figure, box, spec, () => drawing);
  return figure;
}

// ---- tables ----------------------------------------------------------------------------------------------------------

const ROWS_AT_ONCE = 100, FEW_ROWS = 5; // of so few none has to be searched for

// null and NaN last, whichever the direction.
function compareCells(a, b, up) {
  const missing = (v) => v === null || v === undefined || Number.isNaN(v);
  if (missing(a) || missing(b)) return missing(a) - missing(b);
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", {numeric: true});
  return up ? order : -order;
}

// columns: {title, value(row), text(row)?, node(row)?, right?, best(row)?, wide?, csv?: [[title, value(row)], ...]}. The sorting
// and filtering is part of the view. files: {csv, latex}, texts that were written by the program; else what is shown is written.
function table(id, caption, columns, rows, {atOnce = ROWS_AT_ONCE, control = null, files = null} = {}) {
  const settings = parsedView("tables")?.[id] ?? {};
  const textOf = (column, row) => (column.text ? column.text(row) : formatCell(column.value(row)));
  const keep = (change) => {
    Object.assign(settings, change);
    const all = {...(parsedView("tables") ?? {}), [id]: settings};
    if (settings.sort === undefined && !settings.filter) delete all[id];
    view.tables = Object.keys(all).length ? JSON.stringify(all) : "";
    writeView();
    fill();
  };
  const chosen = () => {
    const words = (settings.filter ?? "").toLowerCase().split(/\s+/).filter((word) => word !== "");
    const found = rows.filter((row) => {
      if (!words.length) return true;
      const text = columns.map((column) => textOf(column, row)).join(" ").toLowerCase();
      return words.every((word) => text.includes(word));
    });
    const column = columns.find((c) => c.title === settings.sort);
    return column ? [...found].sort((a, b) => compareCells(column.value(a), column.value(b), settings.up)) : found;
  };
  const csv = () => {
    if (files) return files.csv;
    const fields = columns.flatMap((c) => c.csv ?? [[c.title, c.value]]);
    return csvText([fields.map(([title]) => title), ...chosen().map((row) => fields.map(([, value]) => value(row)))]);
  };
  const latex = () => files?.latex ?? latexText([columns.map((c) => c.title), ...chosen().map((row) => columns.map((c) => textOf(c, row)))],
    columns.map((c) => c.right), caption);
  const body = h("tbody"), head = h("tr"), count = h("span", {class: "muted", role: "status"});
  // All rows, where that is a few more.
  let limit = rows.length <= 1.2 * atOnce ? Infinity : atOnce;
  const more = h("button", {type: "button", onclick: () => { limit = Infinity; fill(); }}, "show all rows");
  const filter = h("input", {type: "search", placeholder: "filter", "aria-label": `filter: ${caption}`, value: settings.filter ?? "",
    oninput: () => keep({filter: filter.value})});
  function fill() {
    const found = chosen();
    head.replaceChildren(...columns.map((c) => {
      const sorted = settings.sort === c.title;
      const arrow = sorted ? (settings.up ? " ▲" : " ▼") : "";
      return h("th", {class: c.right ? "right" : null, scope: "col", "aria-sort": sorted ? (settings.up ? "ascending" : "descending") : "none"},
        h("button", {type: "button", onclick: () => keep({sort: c.title, up: sorted ? !settings.up : !c.right})}, c.title + arrow));
    }));
    body.replaceChildren(...found.slice(0, limit).map((row) => h("tr", {}, columns.map((c) => {
      const kinds = [c.right ? "right" : "", c.wide ? "wide" : "", c.best?.(row) ? "best" : c.like?.(row) ? "like" : ""].join(" ").trim();
      return h("td", {class: kinds || null}, c.node ? c.node(row) : textOf(c, row));
    }))));
    more.hidden = found.length <= limit;
    more.textContent = `show all ${found.length} rows`;
    count.textContent = found.length === rows.length ? `${rows.length} row${rows.length === 1 ? "" : "s"}` : `${found.length} of ${rows.length} rows`;
  }
  fill();
  const element = h("div", {class: "datatable", id: `table-${id}`},
    h("div", {class: "controls small"}, control, rows.length > FEW_ROWS || settings.filter ? filter : null, rows.length > FEW_ROWS ? count : null, more,
      h("button", {type: "button", class: "file", onclick: () => download(`${id}.csv`, csv(), "text/csv"), "aria-label": `download CSV: ${caption}`}, "CSV"),
      h("button", {type: "button", class: "file", onclick: () => download(`${id}.tex`, latex(), "text/x-tex"), "aria-label": `download LaTeX: ${caption}`}, "LaTeX")),
    h("div", {class: "tablebox", tabindex: 0, role: "region", "aria-label": caption}, h("table", {}, h("thead", {}, head), body)));
  element.files = {csv, latex};
  return element;
}

function formatCell(value) {
  return typeof value === "number" || value === null || value === undefined ? formatNumber(value) : value;
}
