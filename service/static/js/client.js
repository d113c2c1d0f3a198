// On every page of a client: keeps what is told in the outbox first and sends it, says what waits, and has the worker
// keep the pages. Without this script, or where a browser has no database, the forms go their plain way.
import { beside, isOld, showBar, word } from "./bar.js";
import { entryOf, dayOf, isBeingFilledIn, isKept, pathOf, sayBelow, showBeside, unwritten } from "./forms.js";
import { add, all, onChange, remove, send } from "./outbox.js";

const AGAIN = 60000;
// As long somebody waits who is done with a page: it is safe in the outbox, and goes from the next one.
const LEAVE = 4000;
const JUST_SENT = "clamshell-just-sent";
const { person, zone } = document.body.dataset;
// Kept for when there is no network: what somebody at home opens next.
const NEXT = ["/plan", "/today/moves", "/help"];
const HALF_A_DAY = 12 * 3600 * 1000;

const about = { isSignedOut: !person && isSignIn(), sent: sessionStorage.getItem(JUST_SENT) };
sessionStorage.removeItem(JUST_SENT);
// Where the server led for what this page sent, by entry; whichever of two tries that ran at once sent it.
const backs = new Map();
let keeping = 0;
let hasComeBack = false; // the network, since this page was loaded
let timer;

function isSignIn() {
  return location.pathname.startsWith("/sign-in");
}

async function show() {
  const listed = (await all()).filter((entry) => !owner() || entry.person === owner());
  const waiting = listed.filter((entry) => entry.problem === undefined);
  // Whose a refused one is, only a page of theirs says.
  const refused = owner() ? listed.filter((entry) => entry.problem !== undefined) : [];
  showBar({ ...about, waiting, refused, onRemove });
  if (person) showBeside(listed, dayOf(new Date(), zone), { beside });
  clearTimeout(timer);
  if (waiting.length) timer = setTimeout(whenVisible, AGAIN);
}

// A page without an owner of its own learns who is signed in when it sends; until then it tells how many wait, no more.
function owner() {
  return person ?? about.person;
}

async function onRemove(id) {
  await remove(id);
  await show();
}

async function sync() {
  const sent = await send();
  sent.backs.forEach((back, id) => backs.set(id, back));
  if (sent.person) about.person = sent.person;
  // Somebody else's session sends nothing of this page's person.
  about.isSignedOut = sent.state === "signed-out" || (!person && isSignIn()) || isAnother(sent.person);
  await show();
  return sent;
}

function isAnother(signedIn) {
  return Boolean(person && signedIn && signedIn !== person);
}

// What waited has arrived: the page is loaded anew to show it, unless that would lose what is being written.
async function catchUp() {
  const { state, backs: sent } = await sync();
  if (keeping) return;
  if (sent.size) {
    about.sent = wordsFor(sent);
    await show();
  }
  const isStale = state === "nothing" && hasComeBack && document.documentElement.dataset.copy;
  if ((!sent.size && !isStale) || !person || (isBeingFilledIn() && !urgent())) return;
  if (sent.size) sessionStorage.setItem(JUST_SENT, about.sent);
  go(urgent() ?? location.href);
}

// What came to a plan that is another one by now is said in words of its own.
function wordsFor(sent) {
  const changed = [...sent.values()].map((back) => /[?&]saved=(changed|gone)\b/.exec(back)?.[1]);
  return changed.find(Boolean) ?? "sent";
}

// An answer after which the page opens at whom to call: that comes before everything else.
function urgent() {
  return [...backs.values()].find((back) => back.endsWith("#top"));
}

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
  if (event.defaultPrevented || form.method !== "post") return;
  const empty = unwritten(form);
  for (const box of form.querySelectorAll("textarea")) sayBelow(box, box === empty ? word("unwritten") : "");
  if (empty) event.preventDefault();
  else if (person && isKept(form, button)) {
    event.preventDefault();
    keep(form, button);
  } else if (!navigator.onLine) {
    event.preventDefault();
    sayNeedsNetwork(form);
  }
});

async function keep(form, button) {
  const entry = entryOf(form, button, person, zone);
  keeping += 1;
  try {
    await add(entry);
  } catch {
    // No database on this phone, or no room in it.
    sendPlain(form, button);
    return;
  }
  navigator.storage?.persist?.();
  form.dispatchEvent(new Event("kept"));
  // Free for the next message at once: later it would take what is being written by then.
  if (entry.each) form.reset();
  await show();
  await (form.dataset.away ? Promise.race([sync(), later(LEAVE)]) : sync());
  keeping -= 1;
  const left = (await all()).find((one) => one.id === entry.id);
  if (form.dataset.away && left) return leaveFor(form, button, left);
  if (entry.each && left?.problem !== undefined) giveBack(form, entry);
  // The last of several taps leads on, when the phone has them all.
  if (left || keeping) return;
  if (entry.each && isWritten(form)) return sayArrived();
  leadOn(entry.id);
}

function isWritten(form) {
  return [...form.querySelectorAll("textarea")].some((one) => one.value !== one.defaultValue);
}

// What the server would not have is there to be mended, unless something else is written by now.
function giveBack(form, entry) {
  if (isWritten(form)) return;
  const words = new Map(entry.fields);
  for (const one of form.querySelectorAll("textarea")) one.value = words.get(one.name) ?? "";
}

async function sayArrived() {
  about.sent = wordsFor(backs);
  await show();
}

function later(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// Past those who listen for a form that is sent, which this one was already.
function sendPlain(form, button) {
  const pressed = document.createElement("input");
  Object.assign(pressed, { type: "hidden", name: button?.name ?? "", value: button?.value ?? "" });
  form.append(pressed);
  form.submit();
  pressed.remove();
}

// A page that is done with once it is told, sent or not. What the server would not have stays in its fields.
async function leaveFor(form, button, left) {
  if (left.problem !== undefined) {
    await remove(left.id);
    return sendPlain(form, button);
  }
  return location.assign(form.dataset.away);
}

// Where a plain form would have led. What neither waits nor was sent from here another tab has sent.
function leadOn(id) {
  // Of what is sent at once the page itself says that it is saved.
  if (backs.size > 1) sessionStorage.setItem(JUST_SENT, wordsFor(backs));
  go(urgent() ?? backs.get(id) ?? location.href);
}

function go(back) {
  const to = new URL(back, location.href);
  if (to.pathname + to.search !== location.pathname + location.search) return location.assign(to);
  // The same address with another place in it would only scroll.
  if (to.hash) location.hash = to.hash;
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
  await worker.register("/sw.js");
  worker.addEventListener("message", onFresh);
  const { active } = await worker.ready;
  if (!person || !navigator.onLine) return;
  // A page that came before the worker did not pass through its hands.
  if ((await ageOf(location.pathname)) === Infinity) active.postMessage({ keep: location.pathname });
  if (location.pathname !== "/today") return;
  for (const path of NEXT) if ((await ageOf(path)) > HALF_A_DAY) active.postMessage({ keep: path });
}

async function ageOf(path) {
  const copy = await caches.match(path, { cacheName: "pages" });
  return copy ? Date.now() - Date.parse(copy.headers.get("Clamshell-Kept-At")) : Infinity;
}

// The network answered after all, and the worker has kept what it said.
function onFresh({ data }) {
  if (data?.fresh !== location.pathname || !isOld(document.documentElement.dataset.copy)) return;
  about.isFresh = true;
  show();
}

async function start() {
  install().catch(() => undefined);
  await show();
  await catchUp();
}

start();
