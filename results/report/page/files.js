// Shapes and tables as files: SVG, PDF, PNG, CSV, LaTeX.

const xmlEscape = (text) => text.replace(/[&<>"]/g, (c) => ({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})[c]);
const short = (value) => String(Math.round(value * 100) / 100);

function svgShape(s) {
  if (s.kind === "text") {
    const turn = s.rotate ? ` transform="rotate(${s.rotate} ${short(s.x)} ${short(s.y)})"` : "";
    return `<text x="${short(s.x)}" y="${short(s.y)}" font-size="${s.size}" text-anchor="${s.anchor}" fill="${s.fill}"` +
      `${s.bold ? ' font-weight="bold"' : ""}${s.halo ? ` stroke="${s.halo}" stroke-width="3" paint-order="stroke"` : ""}${turn}>${xmlEscape(s.text)}</text>`;
  }
  if (s.kind === "circle") return `<circle cx="${short(s.x)}" cy="${short(s.y)}" r="${s.r}" fill="${s.fill}"/>`;
  const path = `M${s.points.map(([x, y]) => `${short(x)} ${short(y)}`).join("L")}${s.close ? "Z" : ""}`;
  const dash = s.dash.length ? ` stroke-dasharray="${s.dash.join(" ")}"` : "";
  const opacity = s.opacity < 1 ? ` fill-opacity="${s.opacity}"` : "";
  return `<path d="${path}" fill="${s.fill}" stroke="${s.stroke}" stroke-width="${s.width}"${dash}${opacity}/>`;
}

function svgText(drawing, caption, paper) {
  const back = paper ? `<rect width="100%" height="100%" fill="${paper}"/>` : "";
  const about = caption ? `<desc>${xmlEscape(caption)}</desc>` : "";
  const size = paper ? ` width="${drawing.width}" height="${drawing.height}"` : "";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${drawing.width} ${drawing.height}"${size} ` +
    `font-family="Helvetica, Arial, sans-serif">${about}${back}${drawing.shapes.map(svgShape).join("")}</svg>`;
}

// ---- PDF: one page as large as the drawing, Helvetica by name (every reader has it) ------------------------------------

// Bytes of Windows-1252 beyond Latin-1 that labels use; what it does not have is written in words.
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

function pdfShape(s) {
  if (s.kind === "text") {
    const shift = s.anchor === "start" ? 0 : measure(s.text, s.size) * (s.anchor === "end" ? 1 : 0.5);
    // The page is turned upside down to SVG's coordinates; text is turned back.
    const at = s.rotate ? `0 -1 -1 0 ${short(s.x)} ${short(s.y + shift)}` : `1 0 0 -1 ${short(s.x - shift)} ${short(s.y)}`;
    // Mode 1 draws the outline only: in the paper's colour, under the text.
    const halo = s.halo ? `BT 1 Tr ${pdfColour(s.halo, "RG")} 3 w [] 0 d /F1 ${s.size} Tf ${at} Tm ${pdfString(s.text)} Tj 0 Tr ET ` : "";
    return `${halo}BT ${pdfColour(s.fill, "rg")} /${s.bold ? "F2" : "F1"} ${s.size} Tf ${at} Tm ${pdfString(s.text)} Tj ET`;
  }
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
  const content = `1 0 0 -1 0 ${drawing.height} cm\n${drawing.shapes.map(pdfShape).join("\n")}`;
  const font = (name) => `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`;
  const objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${drawing.width} ${drawing.height}] /Contents 4 0 R ` +
      `/Resources << /Font << /F1 5 0 R /F2 6 0 R >> /ExtGState << ${states} >> >> >>`,
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`, font("Helvetica"), font("Helvetica-Bold"),
    `<< /Subject ${pdfString(caption)} /Producer (admmbench) >>`];
  let file = "%PDF-1.4\n";
  const offsets = objects.map((object, i) => {
    const offset = file.length;
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  const table = file.length;
  return `${file}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join("")}trailer\n` +
    `<< /Size ${objects.length + 1} /Root 1 0 R /Info 7 0 R >>\nstartxref\n${table}\n%%EOF\n`;
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
