// Outlines of letters, for files that need no font: a letter is drawn large by the browser, the boundary of its ink is followed with
// the position between two pixels that their shades tell, and points that lie on a line are left out.

const EM = 1000; // units of the outlines per font size
const DRAWN = 160; // pixels per font size of what is followed
const STRAIGHT = 0.12; // pixels that a point may be off the line and be left out

const glyphs = new Map();

// {id, svg, pdf: the path, box: [left, top, right, bottom]}; empty paths for a space.
function glyphOf(letter, bold) {
  const key = `${bold ? "b" : "r"}${[...letter].map((c) => c.codePointAt(0).toString(16)).join("_")}`;
  if (!glyphs.has(key)) glyphs.set(key, tracedGlyph(letter, bold, `admmbench-${key}`.replaceAll("-", "")));
  return glyphs.get(key);
}

function tracedGlyph(letter, bold, id) {
  const pad = Math.round(DRAWN * 0.4), width = 2 * pad + 2 * DRAWN, height = 2 * pad + DRAWN;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", {willReadFrequently: true});
  context.font = `${bold ? "bold " : ""}${DRAWN}px Helvetica, Arial, sans-serif`;
  context.fillText(letter, pad, pad + DRAWN * 0.8);
  const data = context.getImageData(0, 0, width, height).data;
  const contours = followInk((x, y) => data[4 * (y * width + x) + 3], width, height).map((points) => thinnedContour(points))
    .filter((points) => points.length > 2)
    .map((points) => points.map(([x, y]) => [Math.round(((x - pad) * EM) / DRAWN), Math.round(((y - pad - DRAWN * 0.8) * EM) / DRAWN)]));
  const xs = contours.flat().map(([x]) => x), ys = contours.flat().map(([, y]) => y), margin = EM / 4;
  return {id, svg: contours.map((points) => `M${points.map((p) => p.join(" ")).join("L")}Z`).join(""),
    pdf: contours.map((points) => `${points.map((p, i) => `${p.join(" ")} ${i ? "l" : "m"}`).join(" ")} h`).join(" "),
    box: xs.length ? [Math.min(...xs) - margin, Math.min(...ys) - margin, Math.max(...xs) + margin, Math.max(...ys) + margin] : [0, 0, 1, 1]};
}

// Marching squares: the closed lines between ink (at least half) and none. Every edge between two pixels of different kind is a
// point; within a square of four pixels two of them are joined, with the ink on the right.
function followInk(shade, width, height) {
  const half = 127.5, ink = (x, y) => shade(x, y) > half;
  const next = new Map(), place = new Map();
  const key = (x, y, down) => (y * width + x) * 2 + (down ? 1 : 0);
  const between = (a, b) => (half - a) / (b - a);
  // Between (x, y) and the pixel right of it, or below it.
  const point = (x, y, down) => {
    const id = key(x, y, down);
    if (!place.has(id)) {
      const part = between(shade(x, y), down ? shade(x, y + 1) : shade(x + 1, y));
      place.set(id, down ? [x + 0.5, y + part + 0.5] : [x + part + 0.5, y + 0.5]);
    }
    return id;
  };
  for (let y = 0; y + 1 < height; ++y) {
    for (let x = 0; x + 1 < width; ++x) {
      const corners = [ink(x, y), ink(x + 1, y), ink(x + 1, y + 1), ink(x, y + 1)];
      if (corners.every((c) => c === corners[0])) continue;
      const sides = [() => point(x, y, false), () => point(x + 1, y, true), () => point(x, y + 1, false), () => point(x, y, true)];
      // Side i lies between corners i and i + 1, clockwise: a line enters where ink begins and leaves where it ends.
      const enters = [], leaves = [];
      for (let i = 0; i < 4; ++i) {
        if (!corners[i] && corners[(i + 1) % 4]) enters.push(i);
        if (corners[i] && !corners[(i + 1) % 4]) leaves.push(i);
      }
      // Two corners across: each has its own line.
      for (const i of enters) next.set(sides[i](), sides[leaves.length === 1 ? leaves[0] : (i + 1) % 4]());
    }
  }
  const contours = [];
  while (next.size) {
    const first = next.keys().next().value, points = [];
    for (let id = first; next.has(id);) {
      points.push(place.get(id));
      const following = next.get(id);
      next.delete(id);
      id = following;
    }
    contours.push(points);
  }
  return contours;
}

// Ramer's and Douglas and Peucker's rule on a closed line, in two halves.
function thinnedContour(points) {
  const far = points.reduce((best, p, i) => (Math.hypot(p[0] - points[0][0], p[1] - points[0][1]) > Math.hypot(points[best][0] - points[0][0], points[best][1] - points[0][1]) ? i : best), 0);
  const line = [...points, points[0]], kept = new Set([0, far]);
  const parts = [[0, far], [far, line.length - 1]];
  while (parts.length) {
    const [a, b] = parts.pop(), [dx, dy] = [line[b][0] - line[a][0], line[b][1] - line[a][1]], length = Math.hypot(dx, dy);
    let worst = -1, most = STRAIGHT;
    for (let i = a + 1; i < b; ++i) {
      const [x, y] = [line[i][0] - line[a][0], line[i][1] - line[a][1]];
      const away = length > 0 ? Math.abs(x * dy - y * dx) / length : Math.hypot(x, y);
      if (away > most) [worst, most] = [i, away];
    }
    if (worst < 0) continue;
    kept.add(worst);
    parts.push([a, worst], [worst, b]);
  }
  return [...kept].sort((a, b) => a - b).map((i) => points[i]);
}

// The letters of a text shape with their places along its line, from where the text begins.
function placedGlyphs(s) {
  const bold = s.bold === true, width = (text) => measureAs(text, s.size, bold);
  const shift = s.anchor === "start" ? 0 : width(s.text) * (s.anchor === "end" ? 1 : 0.5);
  let before = "";
  return [...s.text].flatMap((letter) => {
    const at = width(before + letter) - width(letter) - shift;
    before += letter;
    const glyph = glyphOf(letter, bold);
    return glyph.svg ? [{glyph, at}] : [];
  });
}
