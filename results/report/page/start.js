// Puts the page together and draws again what a changed view touches.

let DATA = null;

function currentExperiment() {
  return DATA.experiments.find((e) => experimentKey(e) === view.e) ?? DATA.experiments[0];
}

function applyTheme() {
  const dark = view.theme ? view.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

// Narrower than this the choice of methods is behind its button until it is asked for.
const NARROW = 600;

function methodButton(experiment, method, i, shown) {
  const on = shown.includes(method.label);
  const toggle = (event) => {
    // With Shift this method alone, or all of them.
    const labels = event.shiftKey ? (on && shown.length === 1 ? experiment.methods.map((m) => m.label) : [method.label])
      : on ? shown.filter((label) => label !== method.label) : [...shown, method.label];
    change({m: JSON.stringify(labels)}, method.label);
  };
  const button = h("button", {type: "button", "aria-pressed": String(on), "data-method": method.label, "data-m": i, onclick: toggle,
    title: `${method.solver}; Shift: this one alone`});
  button.append(lineSample(i), nameOf(method));
  return button;
}

function drawMethods(experiment) {
  const shown = shownMethods(experiment).map((m) => m.label);
  const all = experiment.methods.map((m) => m.label);
  const open = view.mo ? view.mo === "1" : document.documentElement.clientWidth >= NARROW;
  return [h("div", {class: "controls"},
    h("button", {type: "button", "data-key": "mo", "aria-expanded": String(open), "aria-controls": "methods", onclick: () => change({mo: open ? "0" : "1"})},
      `${open ? "▾" : "▸"} methods: ${shown.length} of ${all.length} shown`),
    choice("data set", "d", [["", "all"], ...experiment.datasets.map((d) => [d.label, d.label])]),
    open ? h("button", {type: "button", onclick: () => change({m: JSON.stringify(all)})}, "all methods") : null,
    open ? h("button", {type: "button", onclick: () => change({m: "[]"})}, "none") : null),
  h("div", {id: "methods", class: "methods", role: "group", "aria-label": "methods shown", hidden: !open},
    open ? experiment.methods.map((m, i) => methodButton(experiment, m, i, shown)) : [])];
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
  const renewed = DATA.follow ? h("span", {class: "muted", id: "followed", role: "status"}, `of ${DATA.follow.writtenAt}; renewed as results come`) : null;
  document.getElementById("global").replaceChildren(...[renewed,
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
  if (!SECTIONS.some((s) => s.id === view.s)) return;
  unfold(view.s);
  document.getElementById(view.s).scrollIntoView();
}

const unfolded = () => view.fo.split(",").filter((id) => id);

function unfold(id) {
  const details = document.querySelector(`#${id} > details.folded`);
  if (details) details.open = true;
}

// The content behind its title; whether it is open is part of the view.
function folded(section, elements) {
  const details = h("details", {class: "folded", open: unfolded().includes(section.id), ontoggle: () => {
    view.fo = [...unfolded().filter((id) => id !== section.id), ...(details.open ? [section.id] : [])].join(",");
    writeView();
  }}, h("summary", {}, h("h2", {}, section.title)), elements);
  return details;
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
  const content = (elements ?? []).flat().filter((e) => e);
  parent.replaceChildren(...(section.folded ? [folded(section, content)] : [h("h2", {}, section.title), ...content]));
  if (elements && section.id === "convergence") parent.querySelector("h2").after(...drawMethods(experiment));
}

function redraw(keys) {
  const experiment = currentExperiment();
  const all = keys === null;
  if (all) drawGlobal();
  for (const section of SECTIONS) if (all || section.uses.some((key) => keys.includes(key))) drawSection(section, experiment);
  liftAgain();
}

// Another experiment has other data sets, methods and columns: what belongs to the old one is forgotten.
const OF_EXPERIMENT = ["d", "da", "q", "m", "l", "t", "tm", "rc", "wm", "tables"];

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

// The page of a run that has no result yet.
function drawWaiting(content) {
  document.getElementById("contents").hidden = true;
  content.replaceChildren(h("p", {class: "verdict"}, DATA.follow ? "No result yet: the page is renewed when the first run has ended." : "There is no result."),
    DATA.follow ? h("p", {class: "muted", id: "followed"}, `of ${DATA.follow.writtenAt}`) : "");
  restoreAfterRenewal();
  startFollowing();
  document.documentElement.dataset.ready = "yes";
}

function start() {
  DATA = JSON.parse(document.getElementById("data").textContent);
  readView();
  applyTheme();
  const content = document.getElementById("content");
  if (!DATA.experiments.length) {
    drawWaiting(content);
    return;
  }
  content.replaceChildren(...SECTIONS.map((s) => h("section", {id: s.id, "aria-label": s.title})));
  // The address's '#' holds the view, the section among it, so the links to the sections scroll by hand.
  document.getElementById("contents").append(...SECTIONS.map((s) => h("a", {href: `#s=${s.id}`, onclick: (event) => {
    event.preventDefault();
    view.s = s.id;
    writeView();
    unfold(s.id);
    document.getElementById(s.id).scrollIntoView({behavior: "smooth"});
  }}, s.title)));
  redraw(null);
  attachLifting(content);
  if (!restoreAfterRenewal()) scrollToSection();
  startFollowing();
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
