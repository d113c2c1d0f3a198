// The words of portal/phone.html: one line about the network and what waits, and a line beside each form.

const MINUTE = 60 * 1000;
const DAY = 24 * 3600 * 1000;
const template = document.getElementById("phone-words")?.content;

export function word(name, values = {}) {
  const words = template?.querySelector(`[data-word="${name}"]`)?.textContent ?? "";
  return words.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

// `about`: { waiting, refused, isSignedOut, sent, isFresh, onRemove }. `sent` names the words for what has arrived.
export function showBar(about) {
  const bar = document.getElementById("phone-bar");
  if (!bar) return;
  const lines = linesOf(about);
  bar.hidden = lines.length === 0 && about.refused.length === 0;
  const says = bar.querySelector(".phone-says");
  const said = lines.join(" ") + (about.isFresh ? "!" : "");
  if (says.dataset.said !== said) {
    says.dataset.said = said;
    says.replaceChildren(...lines.flatMap((line) => [line, " "]), ...signInLink(about), ...freshLink(about));
  }
  const rows = about.refused.map((entry) => refusedRow(entry, about.onRemove));
  bar.querySelector(".phone-refused").replaceChildren(...rows);
}

function linesOf({ waiting, isSignedOut, sent, isFresh }) {
  const copied = document.documentElement.dataset.copy;
  const lines = [];
  if (!navigator.onLine) lines.push(word("offline"));
  else if (isFresh) lines.push(word("fresh"));
  else if (isOld(copied)) lines.push(word("slow"));
  const day = copied && inWords(new Date(copied));
  if (day && day !== inWords(new Date())) lines.push(word("copy", { day }));
  if (waiting.length) lines.push(counted(isSignedOut ? "sign-in" : "waiting", waiting.length));
  if (waiting.some((entry) => Date.now() - Date.parse(entry.madeAt) > DAY)) lines.push(word("old"));
  if (sent && !waiting.length) lines.push(word(sent));
  return lines;
}

// A copy that was made just now is the page itself.
export function isOld(copied) {
  return Boolean(copied) && Date.now() - Date.parse(copied) > MINUTE;
}

function counted(name, num) {
  return num === 1 ? word(`${name}-one`) : word(`${name}-many`, { num });
}

function signInLink({ waiting, isSignedOut }) {
  if (!isSignedOut || !waiting.length || location.pathname.startsWith("/sign-in")) return [];
  return [template.querySelector('[data-word="sign-in"]').cloneNode(true)];
}

// A link to the page itself: what is read does not move before it is tapped.
function freshLink({ isFresh }) {
  if (!isFresh) return [];
  const link = template.querySelector('[data-word="show"]').cloneNode(true);
  link.href = location.pathname + location.search;
  return [link];
}

function inWords(instant) {
  const style = { weekday: "long", day: "numeric", month: "long", timeZone: document.body.dataset.zone };
  return new Intl.DateTimeFormat(document.documentElement.lang, style).format(instant);
}

function refusedRow(entry, onRemove) {
  const row = document.createElement("li");
  const button = document.createElement("button");
  button.className = "button quiet";
  button.textContent = word("remove");
  button.addEventListener("click", () => onRemove(entry.id));
  row.append(sayRefused(entry), button);
  return row;
}

function sayRefused(entry) {
  return word("refused", { answer: entry.label, reason: entry.problem || word("no-reason") });
}

// What stands beside the form of an entry.
export function beside(entry) {
  const line = document.createElement("p");
  line.className = entry.problem === undefined ? "waits" : "waits problem";
  if (entry.problem === undefined) line.append(template.querySelector('[data-word="clock"]').cloneNode(true));
  line.append(entry.problem === undefined ? word("waits", { answer: entry.label }) : sayRefused(entry));
  return line;
}
