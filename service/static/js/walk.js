// Where somebody stands in the moves of a day, kept in this browser: a page that is closed or killed goes on from there.
// One key for a person and a day; those of other days are swept out.

import { dayOf } from "./forms.js";

const PREFIX = "moves-";

function storage() {
  try {
    return window.localStorage;
  } catch {
    return null; // turned off: the page works, and forgets
  }
}

export function remembered(key) {
  try {
    const kept = JSON.parse(storage()?.getItem(key) ?? "null");
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {};
  }
}

export function remember(key, walk) {
  try {
    storage()?.setItem(key, JSON.stringify(walk));
  } catch {
    // Full, or turned off.
  }
}

export function forget(key) {
  storage()?.removeItem(key);
}

export function sweep(key) {
  const kept = storage();
  const old = kept ? Object.keys(kept).filter((name) => name.startsWith(PREFIX) && name !== key) : [];
  old.forEach((name) => kept.removeItem(name));
}

// A copy that was kept on another day (sw.js) is gone through for today, from its start.
export function beginToday(form) {
  const { day } = form.elements;
  const today = dayOf(new Date(), document.body.dataset.zone);
  if (!document.documentElement.dataset.copy || day.value >= today) return;
  form.dataset.keep = form.dataset.keep.replace(day.value, today);
  day.value = today;
  form.elements.at.value = "1";
  for (const told of form.querySelectorAll("input[name^=did_]")) told.value = "";
  for (const mark of form.querySelectorAll(".step h2 .step-told")) mark.remove();
}
