// Puts the page together and draws again what a changed view touches.

let DATA = null;

function currentExperiment() {
  return DATA.experiments.find((e) => experimentKey(e) === view.e) ?? DATA.experiments[0];
}

function applyTheme() {
  const dark = view.theme ? view.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

function methodButton(experiment, method, i, shown) {
  const on = shown.includes(method.label), style = lineStyle(i, themeNow());
  const toggle = (event) => {
    // With Shift this method alone, or all of them.
    const labels = event.shiftKey ? (on && shown.length === 1 ? experiment.methods.map((m) => m.label) : [method.label])
      : on ? shown.filter((label) => label !== method.label) : [...shown, method.label];
    change({m: JSON.stringify(labels)}, method.label);
  };
  const button = h("button", {type: "button", "aria-pressed": String(on), "data-method": method.label, onclick: toggle,
    title: `${method.solver}; Shift: this one alone`});
  button.innerHTML = `<svg viewBox="0 0 28 10" aria-hidden="true"><path d="M0 5H28" stroke="${style.stroke}" stroke-width="3" stroke-dasharray="${style.dash.join(" ")}"/></svg>`;
  button.append(nameOf(method));
  return button;
}

function drawMethods(experiment) {
  const shown = shownMethods(experiment).map((m) => m.label);
  const all = experiment.methods.map((m) => m.label);
  return [h("div", {class: "controls"}, choice("data set", "d", [["", "all"], ...experiment.datasets.map((d) => [d.label, d.label])]),
    h("button", {type: "button", onclick: () => change({m: JSON.stringify(all)})}, "all methods"),
    h("button", {type: "button", onclick: () => change({m: "[]"})}, "none"),
    shown.length < all.length ? h("span", {class: "muted"}, `${shown.length} of ${all.length} methods shown`) : null),
  h("div", {class: "methods", role: "group", "aria-label": "methods shown"}, experiment.methods.map((m, i) => methodButton(experiment, m, i, shown)))];
}

function drawGlobal() {
  const dark = document.documentElement.dataset.theme === "dark";
  const link = h("button", {type: "button", onclick: async () => {
    view.s = sectionInSight();
    writeView();
    try {
      await navigator.clipboard.writeText(location.href);
      link.textContent = "link copied";
    } catch {
      link.textContent = "the address is the link";
    }
  }}, "link to this view");
  document.getElementById("global").replaceChildren(...[
    choice("experiment", "e", DATA.experiments.map((e) => [experimentKey(e), experimentKey(e)]), experimentKey(currentExperiment())), link,
    h("button", {type: "button", id: "theme", onclick: () => change({theme: dark ? "light" : "dark"})}, dark ? "light" : "dark")].filter((e) => e));
}

// The section that is being read: the last one that begins in the upper third of the window.
function sectionInSight() {
  const begun = SECTIONS.filter((s) => {
    const section = document.getElementById(s.id);
    return !section.hidden && section.getBoundingClientRect().top < window.innerHeight / 3;
  });
  return begun.length ? begun[begun.length - 1].id : "";
}

function scrollToSection() {
  if (SECTIONS.some((s) => s.id === view.s)) document.getElementById(view.s).scrollIntoView();
}

// A section that fails must not take the others with it.
function drawSection(section, experiment) {
  const parent = document.getElementById(section.id);
  let elements = null;
  try {
    elements = section.draw(experiment);
  } catch (error) {
    console.error(`section ${section.id}:`, error);
    elements = [h("p", {class: "note"}, `This section could not be drawn: ${error.message}`)];
  }
  parent.hidden = !elements;
  document.querySelector(`nav a[href$="${section.id}"]`).hidden = !elements;
  parent.replaceChildren(h("h2", {}, section.title), ...(elements ?? []).flat().filter((e) => e));
  if (elements && section.id === "convergence") parent.querySelector("h2").after(...drawMethods(experiment));
}

function redraw(keys) {
  const experiment = currentExperiment();
  const all = keys === null;
  if (all) drawGlobal();
  for (const section of SECTIONS) if (all || section.uses.some((key) => keys.includes(key))) drawSection(section, experiment);
}

// Another experiment has other data sets, methods and columns: what belongs to the old one is forgotten.
const OF_EXPERIMENT = ["d", "q", "m", "t", "tm", "rc", "wm", "tables"];

function change(changes, focusMethod) {
  hideHover();
  const focused = document.activeElement?.dataset?.key;
  if ("e" in changes) for (const key of OF_EXPERIMENT) view[key] = VIEW[key];
  Object.assign(view, changes);
  writeView();
  applyTheme();
  redraw("e" in changes || "theme" in changes ? null : Object.keys(changes));
  // The control that was used has been drawn anew: the keyboard stays on it.
  const again = focusMethod !== undefined ? `[data-method="${CSS.escape(focusMethod)}"]` : focused ? `[data-key="${focused}"]` : null;
  if (again) document.querySelector(again)?.focus({preventScroll: true});
}

function start() {
  DATA = JSON.parse(document.getElementById("data").textContent);
  readView();
  applyTheme();
  const content = document.getElementById("content");
  content.replaceChildren(...SECTIONS.map((s) => h("section", {id: s.id, "aria-label": s.title})));
  // The address's '#' holds the view, the section among it, so the links to the sections scroll by hand.
  document.getElementById("contents").append(...SECTIONS.map((s) => h("a", {href: `#s=${s.id}`, onclick: (event) => {
    event.preventDefault();
    view.s = s.id;
    writeView();
    document.getElementById(s.id).scrollIntoView({behavior: "smooth"});
  }}, s.title)));
  redraw(null);
  scrollToSection();
  window.addEventListener("hashchange", () => { readView(); applyTheme(); redraw(null); scrollToSection(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { applyTheme(); redraw(null); });
  let resting = 0;
  window.addEventListener("scroll", () => {
    clearTimeout(resting);
    resting = setTimeout(() => { view.s = sectionInSight(); writeView(); }, 200);
  }, {passive: true});
  let width = content.clientWidth;
  window.addEventListener("resize", () => {
    if (Math.abs(content.clientWidth - width) < 40) return;
    width = content.clientWidth;
    redraw(null);
  });
  document.documentElement.dataset.ready = "yes";
}
