// J and K go from client to client, on to the next page and back; S says seen, M writes; Enter opens, as on any link.
// Only while nothing is typed, and not at all for whoever turned it off: who speaks to the machine says single letters
// too.

const KEPT = "clamshell-keys";
const help = document.querySelector("[data-keys]");
const box = help.querySelector("[data-keys-on]");

function isOn() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true; // No storage is no wish.
  }
}

function names() {
  return [...document.querySelectorAll("#fresh [data-row] a.client-name")];
}

function current() {
  return document.activeElement.closest("[data-row]");
}

function move(step) {
  const all = names();
  const at = all.indexOf(current()?.querySelector("a.client-name"));
  const next = at < 0 ? 0 : at + step;
  if (all[next]) all[next].focus();
  else turn(step);
}

/** Past the end of a page the next one begins at its first client, before its beginning the last ends at its last. */
function turn(step) {
  const link = document.querySelector(`#fresh a[rel="${step > 0 ? "next" : "prev"}"]`);
  if (link) location.href = `${link.href}#${step > 0 ? "first" : "last"}-row`;
}

function write() {
  const place = current()?.querySelector("a.client-name").href;
  // A text without a name has nobody to answer to.
  if (place?.includes("/clients/")) location.href = `${place}#messages`;
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  s: () => current()?.querySelector("[data-seen]")?.requestSubmit(),
  m: write,
  "?": () => {
    help.open = !help.open;
    if (help.open) help.querySelector("summary").focus();
  },
};

function isTyping(target) {
  return target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  const act = KEYS[event.key.toLowerCase()];
  if (!act || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !isOn()) return;
  event.preventDefault();
  act();
});
box.checked = isOn();
box.addEventListener("change", () => {
  try {
    localStorage.setItem(KEPT, box.checked ? "on" : "off");
  } catch {
    // Then it holds until the page is left.
  }
});
help.hidden = false;
if (location.hash === "#first-row" || location.hash === "#last-row") {
  names().at(location.hash === "#first-row" ? 0 : -1)?.focus();
}
