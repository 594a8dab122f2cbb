// Pointing at a method (a name, a row, a curve), or having the keyboard's focus on its name, lifts all that is drawn of it: the rest
// fades. A click, Enter or a tap on a name keeps it lifted until the next one, also in the link to the view.

let lifted = null; // number of the method in its experiment

const drawn = (m) => document.querySelector(`svg [data-m="${m}"]`) !== null;

function pinned() {
  const m = view.l === "" ? -1 : currentExperiment()?.methods.findIndex((method) => method.label === view.l);
  return m >= 0 ? m : null;
}

// null: whichever is pinned. A method of which nothing is drawn fades nothing.
function lift(m) {
  const wanted = m !== null && drawn(m) ? m : pinned();
  const next = wanted !== null && drawn(wanted) ? wanted : null;
  if (next === lifted) return;
  lifted = next;
  showLifted();
}

function showLifted() {
  document.documentElement.classList.toggle("lifting", lifted !== null);
  for (const element of document.querySelectorAll(".lifted")) element.classList.remove("lifted");
  if (lifted !== null) for (const element of document.querySelectorAll(`[data-m="${lifted}"]`)) element.classList.add("lifted");
  for (const button of document.querySelectorAll("button.name")) button.setAttribute("aria-pressed", String(Number(button.dataset.m) === pinned()));
}

// What has been drawn anew is lifted like what it replaces.
function liftAgain() {
  if (lifted !== null && !drawn(lifted)) lifted = null;
  lifted ??= pinned() !== null && drawn(pinned()) ? pinned() : null;
  showLifted();
}

function pin(m) {
  view.l = pinned() === m ? "" : currentExperiment().methods[m].label;
  writeView();
  lift(view.l === "" ? null : m);
  showLifted();
}

// The sample of a method's line, as in its plots.
function lineSample(i) {
  const style = lineStyle(i, themeNow());
  const sample = h("span", {class: "sample", "aria-hidden": "true"});
  sample.innerHTML = `<svg viewBox="0 0 28 10"><path d="M0 5H28" stroke="${style.stroke}" stroke-width="3" stroke-dasharray="${style.dash.join(" ")}"/></svg>`;
  return sample;
}

// A method's name with the sample of its line, in a table.
function nameButton(method, i) {
  return h("button", {type: "button", class: "name", "data-m": i, "aria-pressed": "false", title: "keeps its curves lifted", onclick: () => pin(i)},
    lineSample(i), h("span", {}, nameOf(method)));
}

function attachLifting(root) {
  const method = (event) => {
    const element = event.target instanceof Element ? event.target.closest("[data-m]") : null;
    return element ? Number(element.dataset.m) : null;
  };
  root.addEventListener("mouseover", (event) => { if (!event.target.closest?.(".drawing")) lift(method(event)); });
  root.addEventListener("mouseleave", () => lift(null));
  root.addEventListener("focusin", (event) => lift(method(event)));
  root.addEventListener("focusout", () => lift(null));
}
