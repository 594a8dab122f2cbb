// A page of runs that are being made looks whether there is a newer one, and takes its place without losing what is shown.

// The file beside the page calls this with the stamp of the newest page.
function followed(stamp) {
  if (stamp !== DATA.follow.stamp) renew();
}

// The place in the page, and what is unfolded, go through the history's entry: it outlives a reload. So does what has the focus.
function renew() {
  const active = document.activeElement;
  const open = [...document.querySelectorAll("#content details.folded")].filter((d) => d.open).map((d) => d.parentElement.id);
  const focus = active?.dataset?.key ? `[data-key="${active.dataset.key}"]` : active?.dataset?.method ? `[data-method="${CSS.escape(active.dataset.method)}"]`
    : active?.tagName === "INPUT" ? `#${active.closest(".datatable").id} input` : null;
  history.replaceState({scroll: window.scrollY, open, focus, stamp: DATA.follow.stamp}, "");
  location.reload();
}

let renewedFrom = null; // stamp of the page that this one took the place of

function restoreAfterRenewal() {
  const kept = history.state;
  if (typeof kept?.scroll !== "number") return false;
  renewedFrom = kept.stamp;
  history.replaceState(null, "");
  for (const id of kept.open) document.querySelector(`#${id} > details.folded`)?.setAttribute("open", "");
  window.scrollTo(0, kept.scroll);
  const focused = kept.focus ? document.querySelector(kept.focus) : null;
  focused?.focus({preventScroll: true});
  if (focused?.tagName === "INPUT") focused.setSelectionRange(focused.value.length, focused.value.length);
  return true;
}

function startFollowing() {
  const {follow} = DATA;
  if (!follow) return;
  history.scrollRestoration = "manual"; // the place is kept by renew()
  let timer = 0;
  // A script is what a page that was opened as a file may load; it is taken away again.
  const look = () => {
    const script = h("script", {src: `${follow.file}?${Date.now()}`});
    script.addEventListener("load", () => script.remove());
    script.addEventListener("error", () => {
      script.remove();
      clearInterval(timer);
      // The file goes when the last page has been written. Of a copy elsewhere, which stays as it is, once is enough.
      if (renewedFrom !== follow.stamp) renew();
      else document.getElementById("followed").textContent = `of ${follow.writtenAt}; no longer renewed`;
    });
    document.head.append(script);
  };
  timer = setInterval(look, follow.seconds * 1000);
}
