// Shapes and tables as files: SVG, PDF, PNG, CSV, LaTeX.

const xmlEscape = (text) => text.replace(/[&<>"]/g, (c) => ({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})[c]);
const short = (value) => String(Math.round(value * 100) / 100);

function svgShape(s) {
  const own = s.m === undefined ? "" : ` data-m="${s.m}"`;
  if (s.kind === "text") {
    const turn = s.rotate ? ` transform="rotate(${s.rotate} ${short(s.x)} ${short(s.y)})"` : "";
    return `<text x="${short(s.x)}" y="${short(s.y)}" font-size="${s.size}" text-anchor="${s.anchor}" fill="${s.fill}"${own}${s.direct ? ' class="direct"' : ""}` +
      `${s.bold ? ' font-weight="bold"' : ""}${s.halo ? ` stroke="${s.halo}" stroke-width="3" paint-order="stroke"` : ""}${turn}>${xmlEscape(s.text)}</text>`;
  }
  if (s.kind === "circle") return `<circle cx="${short(s.x)}" cy="${short(s.y)}" r="${s.r}" fill="${s.fill}"${own}/>`;
  const path = `M${s.points.map(([x, y]) => `${short(x)} ${short(y)}`).join("L")}${s.close ? "Z" : ""}`;
  const dash = s.dash.length ? ` stroke-dasharray="${s.dash.join(" ")}"` : "";
  const opacity = s.opacity < 1 ? ` fill-opacity="${s.opacity}"` : "";
  const kind = s.line ? ' class="line"' : s.sample ? ' class="line sample"' : "";
  return `<path d="${path}" fill="${s.fill}" stroke="${s.stroke}" stroke-width="${s.width}"${dash}${opacity}${own}${kind}/>`;
}

// On the page text is text; in a file (`paper`: its ground) outlines of its letters, so that every reader shows the same.
function svgText(drawing, caption, paper) {
  const about = caption ? `<desc>${xmlEscape(caption)}</desc>` : "";
  const begin = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${drawing.width} ${drawing.height}"`;
  if (!paper) return `${begin} font-family="Helvetica, Arial, sans-serif">${about}${drawing.shapes.map(svgShape).join("")}</svg>`;
  const used = new Map();
  const shapes = drawing.shapes.map(({m, line, sample, ...s}) => (s.kind === "text" ? svgOutlines(s, used) : svgShape(s))).join("");
  return `${begin} width="${drawing.width}" height="${drawing.height}">${about}<defs>${[...used.values()].map((g) => `<path id="${g.id}" d="${g.svg}"/>`).join("")}</defs>` +
    `<rect width="100%" height="100%" fill="${paper}"/>${shapes}</svg>`;
}

// The letters as shapes; with `halo` the same in its colour, wider, below them.
function svgOutlines(s, used) {
  const turn = s.rotate ? ` rotate(${s.rotate})` : "", scale = s.size / EM;
  const letters = placedGlyphs(s).map(({glyph, at}) => {
    used.set(glyph.id, glyph);
    return `<use href="#${glyph.id}" x="${Math.round(at / scale)}"/>`;
  }).join("");
  const halo = s.halo ? ` stroke="${s.halo}" stroke-width="${Math.round(3 / scale)}" paint-order="stroke"` : "";
  return `<g role="img" aria-label="${xmlEscape(s.text)}" fill="${s.fill}"${halo} transform="translate(${short(s.x)} ${short(s.y)})${turn} scale(${scale.toFixed(5)})">${letters}</g>`;
}

// ---- PDF: one page as large as the drawing, its letters as outlines: no font that a reader would have to have ----------

// Bytes of Windows-1252 beyond Latin-1 that captions use; what it does not have is written in words.
const CP1252 = {"–": 0x96, "—": 0x97, "…": 0x85, "•": 0x95, "‘": 0x91, "’": 0x92, "“": 0x93, "”": 0x94};
const IN_WORDS = {"∞": "inf", "≤": "<=", "≥": ">=", "‖": "||", "−": "-", "→": "->", "ρ": "rho"};

function pdfString(text) {
  let out = "";
  for (const c of [...text].flatMap((c) => [...(IN_WORDS[c] ?? c)])) {
    const code = CP1252[c] ?? (c.codePointAt(0) < 256 ? c.codePointAt(0) : 0x3f);
    out += code < 32 || code > 126 || "()\\".includes(c) ? `\\${code.toString(8).padStart(3, "0")}` : c;
  }
  return `(${out})`;
}

function pdfColour(hex, operator) {
  const parts = [1, 3, 5].map((i) => short(parseInt(hex.slice(i, i + 2), 16) / 255));
  return `${parts.join(" ")} ${operator}`;
}

// `used`: what the page's resources must name. The page is turned upside down to SVG's coordinates, which the outlines have too.
function pdfOutlines(s, used) {
  const scale = s.size / EM, k = scale.toFixed(5);
  const letters = (name) => placedGlyphs(s).map(({glyph, at}) => {
    used.set(`${name}${glyph.id}`, {glyph, operator: name === "H" ? "S" : "f*"});
    const [x, y] = s.rotate ? [s.x, s.y - at] : [s.x + at, s.y];
    return `q ${s.rotate ? `0 -${k} ${k} 0` : `${k} 0 0 ${k}`} ${x.toFixed(2)} ${y.toFixed(2)} cm /${name}${glyph.id} Do Q`;
  }).join("\n");
  const halo = s.halo ? `q ${pdfColour(s.halo, "RG")} ${Math.round(3 / scale)} w 1 j [] 0 d ${letters("H")} Q\n` : "";
  return `${halo}q ${pdfColour(s.fill, "rg")} ${letters("F")} Q`;
}

function pdfShape(s, used) {
  if (s.kind === "text") return pdfOutlines(s, used);
  if (s.kind === "circle") {
    const k = 0.5523 * s.r, {x, y, r} = s;
    const curve = (...p) => `${p.map(short).join(" ")} c`;
    return [pdfColour(s.fill, "rg"), `${short(x + r)} ${short(y)} m`, curve(x + r, y + k, x + k, y + r, x, y + r),
      curve(x - k, y + r, x - r, y + k, x - r, y), curve(x - r, y - k, x - k, y - r, x, y - r),
      curve(x + k, y - r, x + r, y - k, x + r, y), "f"].join(" ");
  }
  const path = s.points.map(([x, y], i) => `${short(x)} ${short(y)} ${i ? "l" : "m"}`).join(" ");
  const fill = s.fill !== "none", stroke = s.stroke !== "none";
  return ["q", `/G${Math.round(s.opacity * 100)} gs`, fill ? pdfColour(s.fill, "rg") : "", stroke ? pdfColour(s.stroke, "RG") : "",
    `${s.width} w [${s.dash.join(" ")}] 0 d 1 j`, path, s.close ? "h" : "", fill && stroke ? "B" : fill ? "f" : "S", "Q"].join(" ");
}

function pdfText(drawing, caption) {
  const states = [...new Set(drawing.shapes.map((s) => Math.round((s.opacity ?? 1) * 100)))]
    .map((o) => `/G${o} << /ca ${o / 100} >>`).join(" ");
  const used = new Map();
  const content = `1 0 0 -1 0 ${drawing.height} cm\n${drawing.shapes.map((s) => pdfShape(s, used)).join("\n")}`;
  const stream = (entries, text) => `<< ${entries}/Length ${text.length} >>\nstream\n${text}\nendstream`;
  const forms = [...used.values()].map(({glyph, operator}) => stream(`/Type /XObject /Subtype /Form /BBox [${glyph.box.join(" ")}] `, `${glyph.pdf} ${operator}`));
  const objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${drawing.width} ${drawing.height}] /Contents 4 0 R ` +
      `/Resources << /XObject << ${[...used.keys()].map((name, i) => `/${name} ${6 + i} 0 R`).join(" ")} >> /ExtGState << ${states} >> >> >>`,
    stream("", content), `<< /Title ${pdfString(caption.split("\n")[0])} /Subject ${pdfString(caption)} /Producer (admmbench) >>`, ...forms];
  let file = "%PDF-1.4\n";
  const offsets = objects.map((object, i) => {
    const offset = file.length;
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  const table = file.length;
  return `${file}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join("")}trailer\n` +
    `<< /Size ${objects.length + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n${table}\n%%EOF\n`;
}

async function pngBlob(drawing, caption, paper) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(drawing, caption, paper))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [drawing.width * 2, drawing.height * 2];
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

// ---- tables ----------------------------------------------------------------------------------------------------------

// `lines`: lists of cells, the first one the header. A cell: text or number.
function csvText(lines) {
  const field = (cell) => {
    const text = cell === null || cell === undefined ? "" : String(cell);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return lines.map((line) => `${line.map(field).join(",")}\n`).join("");
}

const LATEX = {"&": "\\&", "%": "\\%", "$": "\\$", "#": "\\#", "_": "\\_", "{": "\\{", "}": "\\}", "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}", "\\": "\\textbackslash{}", "±": "$\\pm$", "–": "--", "∞": "$\\infty$", "²": "$^2$", "≤": "$\\leq$"};
const latexEscape = (text) => [...String(text)].map((c) => LATEX[c] ?? c).join("");

// A booktabs tabular; `right[i]`: whether column i is set flush right.
function latexText(lines, right, caption) {
  const row = (line) => `${line.map((cell) => latexEscape(cell ?? "")).join(" & ")} \\\\\n`;
  return `% ${caption.replaceAll("\n", "\n% ")}\n\\begin{tabular}{${right.map((r) => (r ? "r" : "l")).join("")}}\n\\toprule\n` +
    `${row(lines[0])}\\midrule\n${lines.slice(1).map(row).join("")}\\bottomrule\n\\end{tabular}\n`;
}

function download(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], {type}));
  link.download = name.replace(/[^A-Za-z0-9._=-]+/g, "-");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
