// On every page of a client: keeps what is told in the outbox first and sends it, says what waits, and has the worker
// keep the pages. Without this script, or where a browser has no database, the forms go their plain way.
import { beside, showBar, word } from "./bar.js";
import { entryOf, dayOf, isBeingFilledIn, isKept, pathOf, showBeside } from "./forms.js";
import { add, all, onChange, remove, send } from "./outbox.js";

const AGAIN = 60000;
const JUST_SENT = "clamshell-just-sent";
const { person, zone } = document.body.dataset;
const plain = new WeakSet();

const about = { isSignedOut: !person && isSignIn(), isSent: sessionStorage.getItem(JUST_SENT) !== null };
sessionStorage.removeItem(JUST_SENT);
let timer;

function isSignIn() {
  return location.pathname.startsWith("/sign-in");
}

async function show() {
  const listed = (await all()).filter((entry) => entry.person === owner() || (!owner() && isSignIn()));
  const waiting = listed.filter((entry) => entry.problem === undefined);
  // Whose a refused one is, only a page of theirs says.
  const refused = owner() ? listed.filter((entry) => entry.problem !== undefined) : [];
  showBar({ ...about, waiting, refused, onRemove });
  if (person) showBeside(listed, dayOf(new Date(), zone), { beside });
  clearTimeout(timer);
  if (waiting.length) timer = setTimeout(whenVisible, AGAIN);
}

// A page without an owner of its own learns who is signed in when something is sent.
function owner() {
  return person ?? about.person;
}

async function onRemove(id) {
  await remove(id);
  await show();
}

async function sync() {
  const sent = await send();
  if (sent.person) about.person = sent.person;
  // Somebody else's session sends nothing of this page's person.
  about.isSignedOut = sent.state === "signed-out" || (!person && isSignIn()) || isAnother(sent.person);
  if (sent.state === "sent") about.isSent = true;
  await show();
  return sent;
}

function isAnother(signedIn) {
  return Boolean(person && signedIn && signedIn !== person);
}

// What waited has arrived: the page is loaded anew to show it, unless that would lose what is being written.
async function catchUp() {
  const { state, backs } = await sync();
  const isStale = state === "nothing" && navigator.onLine && document.documentElement.dataset.copy && hasComeBack;
  if ((!backs.size && !isStale) || !person || isBeingFilledIn()) return;
  if (backs.size) sessionStorage.setItem(JUST_SENT, "yes");
  location.reload();
}

let hasComeBack = false;

function whenVisible() {
  if (document.visibilityState === "visible") catchUp();
}

addEventListener("online", () => {
  hasComeBack = true;
  catchUp();
});
addEventListener("offline", show);
document.addEventListener("visibilitychange", whenVisible);
onChange(show);

document.addEventListener("submit", (event) => {
  const { target: form, submitter: button } = event;
  if (event.defaultPrevented || form.method !== "post" || plain.has(form)) return;
  if (person && isKept(form)) {
    event.preventDefault();
    keep(form, button);
  } else if (!navigator.onLine) {
    event.preventDefault();
    sayNeedsNetwork(form);
  }
});

async function keep(form, button) {
  const entry = entryOf(form, button, person, zone);
  try {
    await add(entry);
  } catch {
    // No database on this phone, or no room in it.
    plain.add(form);
    form.requestSubmit(button);
    return;
  }
  navigator.storage?.persist?.();
  await show();
  const { backs } = await sync();
  if (backs.has(entry.id)) go(backs.get(entry.id));
  else if (!(await all()).some((waiting) => waiting.id === entry.id)) location.reload(); // another tab sent it
  else if (entry.each && entry.problem === undefined) form.reset();
}

function go(back) {
  const to = new URL(back, location.href);
  if (to.pathname + to.search !== location.pathname + location.search) return location.assign(to);
  // The same address with another place in it would only scroll.
  location.hash = to.hash;
  return location.reload();
}

async function sayNeedsNetwork(form) {
  const isLeaving = pathOf(form) === "/sign-out";
  if (isLeaving) await caches.delete("pages");
  const line = document.createElement("p");
  line.className = "waits problem";
  line.setAttribute("role", "alert");
  line.textContent = word(isLeaving ? "not-signed-out" : "needs-network");
  form.querySelector(":scope > .waits")?.remove();
  form.append(line);
}

async function install() {
  const worker = navigator.serviceWorker;
  // Over plain HTTP browsers have none, but on the machine itself.
  if (!worker) return;
  const isNew = !worker.controller;
  await worker.register("/sw.js");
  if (isNew && person) (await worker.ready).active.postMessage({ keep: location.pathname });
}

async function start() {
  install().catch(() => undefined);
  await show();
  await catchUp();
}

start();
