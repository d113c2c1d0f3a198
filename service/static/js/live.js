// An open page hears that it is not the newest, and says so. What is being read stays where it is until it is asked
// for: then the page is fetched and put in its place.

const LONGEST_WAIT = 60;
const SILENT = 45;
const LATE = 60;

const line = document.querySelector("[data-live]");
const said = line?.querySelector("[data-said]");
const button = line?.querySelector("[data-show]");
const words = line?.dataset;

let source = null;
let since = "";
let retry = 0;
let timer = 0;
let changes = 0;
let heardAt = Date.now();
let lag = 0;
let isOver = false;
let rowInUse = "";

function minutes(seconds) {
  return String(Math.max(1, Math.floor(seconds / 60)));
}

/** The one line, the worst first: whoever is signed out or cut off cannot trust the rest. */
function sentence() {
  const silent = (Date.now() - heardAt) / 1000;
  if (isOver) return words.over;
  if (silent > SILENT) return words.old.replace("{count}", minutes(silent));
  if (changes) return (changes === 1 ? words.one : words.many).replace("{count}", String(changes));
  // The page said so itself when it was made late.
  if (lag > LATE && !document.querySelector("[data-late-told]")) return words.late.replace("{count}", minutes(lag));
  return "";
}

function tell(told = sentence()) {
  if (said.textContent !== told) said.textContent = told;
  line.classList.toggle("is-told", Boolean(told));
  button.hidden = isOver || !changes;
}

function listen() {
  clearTimeout(timer);
  if (source || isOver || document.visibilityState === "hidden") return;
  source = new EventSource(`${words.live}?since=${since}`);
  source.addEventListener("change", (event) => {
    changes += Number(event.data);
    tell();
  });
  source.addEventListener("beat", (event) => {
    heardAt = Date.now();
    lag = Number(event.data || 0);
    retry = 0;
    tell();
  });
  source.addEventListener("over", signedOut);
  source.addEventListener("error", again);
}

function signedOut() {
  isOver = true;
  stop();
  tell();
}

function stop() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

/** Later and later, and not all pages at once. A stream that is refused does not say why. */
async function again() {
  const refused = source?.readyState === EventSource.CLOSED;
  stop();
  retry += 1;
  const wait = Math.min(2 ** retry, LONGEST_WAIT) * (0.75 + Math.random() / 2);
  timer = setTimeout(listen, wait * 1000);
  tell();
  if (!refused) return;
  const asked = await fetch(words.live, { method: "HEAD" }).catch(() => null);
  if (asked?.redirected) signedOut();
}

function place(row) {
  return row.getBoundingClientRect().top;
}

function firstInSight() {
  return [...document.querySelectorAll("#fresh [data-row]")].find((row) => place(row) >= 0);
}

function rowOf(id) {
  return document.querySelector(`#fresh [data-row="${id}"]`);
}

/** The button that shows what is new takes the focus from the row that was read: that row gets it back. */
function remember({ target }) {
  if (!line.contains(target)) rowInUse = target.closest("[data-row]")?.dataset.row ?? "";
}

/** The row that was on top of the screen stays there, and the focus where it was. */
function swap(fresh) {
  const seen = firstInSight();
  const top = seen ? place(seen) : 0;
  document.getElementById("fresh").replaceWith(fresh);
  const stays = seen && rowOf(seen.dataset.row);
  if (stays) scrollBy(0, place(stays) - top);
  const target = (rowInUse && rowOf(rowInUse)?.querySelector("a")) || fresh.querySelector("h1");
  if (target.matches("h1")) target.tabIndex = -1;
  target.focus({ preventScroll: true });
  document.dispatchEvent(new Event("swapped"));
}

async function show() {
  const address = new URL(location.href);
  // What was done just now was said when it was done.
  address.searchParams.delete("done");
  button.disabled = true;
  try {
    const answer = await fetch(address);
    const made = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("fresh");
    if (answer.redirected) {
      signedOut();
      return;
    }
    changes = 0;
    since = made.dataset.since;
    swap(document.adoptNode(made));
    tell(words.showing);
    setTimeout(tell, 4000);
  } catch {
    tell(words.failed);
  } finally {
    button.disabled = false;
  }
}

if (line) {
  since = document.getElementById("fresh").dataset.since;
  button.addEventListener("click", show);
  document.addEventListener("focusin", remember);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") stop();
    else {
      retry = 0;
      listen();
    }
  });
  addEventListener("pagehide", stop);
  addEventListener("pageshow", listen);
  setInterval(tell, 15_000);
  listen();
}
