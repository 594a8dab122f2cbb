// What is shown: a view. It is the address's part after '#', so that a link brings the same view back.

const VIEW = {
  e: "", // experiment, "name" or "name/profile"
  d: "", // data set of the plots; empty: all
  da: "", // 1: plots of all data sets, however many
  q: "", // quantity; empty: the first
  x: "iteration", // iteration | seconds | flops
  xs: "linear",
  ys: "", // linear | log; empty: what suits the quantity
  b: "sd", // band: sd | range | none
  ref: "1", // reference lines: 1 | 0
  m: "", // methods shown, JSON list of labels; empty: the first eight
  mo: "", // the choice of methods: 1 open, 0 closed; empty: as the width has it
  l: "", // method whose curves stay lifted
  t: "", // metric of the tables, box plots and heat maps; empty: the first
  tm: "", tc: "iteration", // target: metric, cost
  rc: "", // column of the rates
  wm: "", // method whose layers are drawn
  tk: "", tb: "", // timings: machine, benchmark
  fo: "", // folded sections that are open, "timings,environment"
  tables: "", // JSON {table: {sort, up, filter}}
  s: "", // section to scroll to
  theme: "", // light | dark; empty: as the system has it
};

let view = {...VIEW};

function readView() {
  const given = new URLSearchParams(location.hash.slice(1));
  view = {...VIEW};
  for (const key of Object.keys(VIEW)) if (given.has(key)) view[key] = given.get(key);
}

function viewText() {
  const changed = new URLSearchParams();
  for (const key of Object.keys(VIEW)) if (view[key] !== VIEW[key]) changed.set(key, view[key]);
  return changed.toString();
}

function writeView() {
  history.replaceState(null, "", viewText() ? `#${viewText()}` : location.pathname + location.search);
}

// A list or mapping in the address; what is not JSON counts as not given.
function parsedView(key) {
  try {
    return JSON.parse(view[key]);
  } catch {
    return null;
  }
}
