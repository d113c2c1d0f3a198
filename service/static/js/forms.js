// The forms of a client's pages as entries of the outbox, and what waits shown beside them.
import { newId } from "./outbox.js";

// Those that the server takes from an outbox: each goes through `kept` in service/portal/pages/keeping.py.
const TODAY = "pain|session|session\\/felt|morning|messages|(habits|fixes)\\/[0-9a-f-]{36}|moves|moves\\/felt";
const KEPT = new RegExp(`^\\/(today\\/(${TODAY})|week\\/aim)$`);
// From move to move the player goes by itself; its last buttons tell.
const TELLS = ["finish", "stop"];

export function pathOf(form) {
  return new URL(form.getAttribute("action"), location.href).pathname;
}

export function isKept(form, button) {
  if (form.method !== "post" || !KEPT.test(pathOf(form))) return false;
  return button?.name !== "tell" || TELLS.includes(button.value);
}

export function entryOf(form, button, person, zone) {
  const now = new Date();
  const fields = [...new FormData(form)].filter(([name]) => name !== "csrf");
  if (button?.name) fields.push([button.name, button.value]);
  const [path, hidden, day] = [pathOf(form), hiddenOf(form), dayOf(now, zone)];
  return {
    id: newId(now.getTime()),
    person,
    path,
    fields,
    madeAt: now.toISOString(),
    day,
    label: labelOf(form, button),
    hidden,
    slot: [path, day, hidden, button?.name || firstName(form)].join("|"),
    // A message is never another's correction.
    each: path === "/today/messages",
  };
}

// Words that are asked for and are blanks only: for a browser that is something, for the server it is not.
export function unwritten(form) {
  return [...form.querySelectorAll("textarea[required]")].find((box) => !box.value.trim());
}

// As the server says it, below its box (message_box of parts.html); without words, what was said is taken away.
export function sayBelow(box, words) {
  const id = `${box.id}-problem`;
  document.getElementById(id)?.remove();
  for (const name of ["aria-invalid", "aria-describedby"]) box.removeAttribute(name);
  if (!words) return;
  const line = document.createElement("p");
  Object.assign(line, { id, className: "problem", role: "alert", textContent: words });
  box.setAttribute("aria-invalid", "true");
  box.setAttribute("aria-describedby", id);
  box.after(line);
  box.focus();
}

// By the clock that the page's own day goes by, not the phone's.
export function dayOf(instant, zone) {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" }).format(instant);
}

// Which of the forms with this address it is. The entry's id is made anew with every page.
function hiddenOf(form) {
  const told = [...form.elements].filter((one) => one.type === "hidden" && !["csrf", "entry"].includes(one.name));
  return told.map((one) => `${one.name}=${one.value}`).join("&");
}

function firstName(form) {
  return [...form.elements].find((one) => one.name && one.type !== "hidden")?.name ?? "";
}

// What was told, in the words of the page.
function labelOf(form, button) {
  if (form.dataset.label) return form.dataset.label;
  if (button?.name) return button.textContent.trim();
  const typed = form.querySelector("textarea, input[type=number][name=answer]");
  const words = typed ? typed.value : form.closest("details")?.querySelector("summary").textContent;
  return (words ?? "").trim().replace(/\s+/g, " ");
}

// Shows the entries of the page's own day beside their forms, and takes away what was shown before.
export function showBeside(entries, day, words) {
  document.querySelectorAll(".waits").forEach((shown) => shown.remove());
  for (const entry of entries.filter((one) => one.day === day)) {
    const form = [...document.forms].find((one) => isKept(one) && isOf(one, entry));
    if (form && entry.problem === undefined) press(form, entry);
    // What the player told belongs to the plan of Today.
    const place = form ? placeOf(form) : document.querySelector(`[data-also="${entry.path}"]`);
    place?.after(words.beside(entry));
  }
}

function isOf(form, entry) {
  return pathOf(form) === entry.path && hiddenOf(form) === entry.hidden;
}

// In a fold that is open, below the form that was just sent; else below all that belongs to it.
function placeOf(form) {
  if (form.closest("details")?.open) return form;
  let place = form.closest(".answers") ?? form;
  for (let fold = place.closest("details"); fold; fold = place.parentElement.closest("details")) place = fold;
  return place;
}

function press(form, entry) {
  const sent = new Map(entry.fields);
  for (const button of form.querySelectorAll("button[name]")) {
    const isPicked = sent.get(button.name) === button.value;
    button.classList.toggle("is-picked", isPicked);
    if (button.closest("[role=group]")) button.setAttribute("aria-pressed", String(isPicked));
  }
}

// Whether a page that is loaded anew would lose what somebody is writing.
export function isBeingFilledIn() {
  return [...document.querySelectorAll("main input:not([type=hidden]), main textarea, main select")].some((one) => {
    if (one === document.activeElement) return true;
    if (one.type === "checkbox" || one.type === "radio") return one.checked !== one.defaultChecked;
    if (one.tagName === "SELECT") return [...one.options].some((option) => option.selected !== option.defaultSelected);
    return one.value !== one.defaultValue;
  });
}
