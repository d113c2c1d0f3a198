// The moves of a day with a timer: sets, holds, rest and sides. Without it the same form goes step by step.

import { mayGoDark, soundOn, stayAwake, tick } from "./awake.js";
import {
  longer,
  partsFromTap,
  partsHandsFree,
  paused,
  placeOf,
  resumed,
  skipped,
  started,
  turnsOf,
} from "./countdown.js";
import { addLoop, addSteppers, amounts, fill, moveOf, showTurn } from "./step.js";
import { beginToday, forget, remember, remembered, sweep } from "./walk.js";

const BEAT_MS = 200;
const SLEPT_MS = 15_000; // a gap as long as this: nobody was looking
const TWO_TAPS_MS = 350;
const LONG_S = 15;

const form = document.querySelector("#moves");
beginToday(form);
const find = (name) => form.querySelector(`[data-${name}]`);
const words = JSON.parse(form.dataset.words);
const moves = [...form.querySelectorAll("section[data-item]")].map(moveOf);
const still = moves.map((move) => addLoop(move.section, words));
const [main, finishing, timer] = [find("main"), find("finish"), find("timer")];

const now = { at: Number(form.elements.at.value) - 1, turn: 0, run: null, handsFree: false };
const heard = { index: -1, rep: 0, ten: false, beat: Date.now(), tap: 0 };
let sent = false;

const isOver = () => now.at >= moves.length;
const anyDone = () => moves.some((move) => move.told.value === "done");
const say = (text) => {
  find("say").textContent = text;
};

function keep() {
  const did = Object.fromEntries(moves.map((move) => [move.item, move.told.value]));
  const changed = [...amounts(form)].filter((field) => field.value !== field.dataset.asked);
  const typed = Object.fromEntries(changed.map((field) => [field.name, field.value]));
  remember(form.dataset.keep, { item: moves[now.at]?.item ?? "end", turn: now.turn, did, typed });
}

function goOn() {
  const kept = remembered(form.dataset.keep);
  // What the clinic refused stays as it was typed, and in sight.
  if (form.querySelector(".problem:not([hidden])") || !kept.item) return;
  for (const move of moves) move.told.value ||= kept.did?.[move.item] ?? "";
  for (const field of amounts(form)) {
    if (!(field.name in (kept.typed ?? {}))) continue;
    field.value = kept.typed[field.name];
    field.closest("details").open = true;
  }
  const at = kept.item === "end" ? moves.length : moves.findIndex((move) => move.item === kept.item);
  if (at < 0) return;
  now.at = at;
  now.turn = at < moves.length ? Math.min(kept.turn || 0, turnsOf(moves[at]).length - 1) : 0;
}

function show() {
  moves.forEach((move, index) => {
    move.section.hidden = index !== now.at;
  });
  form.querySelector("#moves-end").hidden = !isOver();
  form.elements.at.value = String(now.at + 1);
  const place = { place: now.at + 1, count: moves.length };
  find("place").textContent = isOver() ? words.end : fill(words.place, place);
  find("back").hidden = now.at === 0;
  for (const name of ["main", "skip", "auto"]) find(name).hidden = isOver();
  find("none").hidden = anyDone();
  finishing.hidden = !isOver() || !anyDone();
  for (const move of moves) {
    const mark = form.querySelector(`[data-told="${move.item}"]`);
    mark.classList.toggle("is-done", move.told.value === "done");
    mark.textContent = words[move.told.value] ?? "";
  }
  draw();
}

/** What the one big button does next. */
function mainWords() {
  if (now.run) return now.run.since === null ? words.go_on : words.pause;
  const move = moves[now.at];
  const { set, leg } = turnsOf(move)[now.turn];
  const side = move.legs.length > 1 ? words[leg] : "";
  if (!move.hold) return fill(side ? words.done_leg : words.done_set, { set, leg: side });
  const hold = fill(move.reps > 1 ? words.start_holds : words.start_hold, { seconds: move.hold, reps: move.reps });
  return side ? fill(words.start_leg, { what: hold, leg: side }) : hold;
}

function partWords(part) {
  if (part.kind === "work") return fill(words.work, part);
  return part.kind === "hold" && part.reps > 1 ? fill(words.holds, part) : words[part.kind];
}

function draw() {
  timer.hidden = !now.run || isOver();
  form.querySelector("#skip-why").hidden = !timer.hidden || isOver();
  find("auto").setAttribute("aria-pressed", String(now.handsFree));
  if (isOver()) return;
  main.textContent = mainWords();
  const place = now.run && placeOf(now.run, Date.now());
  showTurn(moves[now.at], place?.part ?? turnsOf(moves[now.at])[now.turn], words);
  if (!place?.part) return;
  const isPaused = now.run.since === null;
  find("left").textContent = String(Math.ceil(place.left / 1000));
  find("what").textContent = isPaused ? words.paused : partWords(place.part);
  find("ring").setAttribute("stroke-dashoffset", String((100 * place.had) / (place.part.seconds * 1000)));
  find("resting").hidden = place.part.kind !== "rest";
}

function begin(parts, handsFree = false) {
  now.handsFree = handsFree;
  now.run = parts.length ? started(parts, Date.now()) : null;
  Object.assign(heard, { index: -1, rep: 0, ten: false, beat: Date.now() });
  stayAwake().then((awake) => {
    find("screen").hidden = awake;
  });
  beat();
}

function halt() {
  now.run = null;
  now.handsFree = false;
}

function beginHandsFree() {
  const open = moves.filter((move, index) => index === now.at || (index > now.at && !move.told.value));
  begin(partsHandsFree(open, now.turn), true);
}

function nextOpen(after) {
  const next = moves.findIndex((move, index) => index > after && !move.told.value);
  return next < 0 ? moves.length : next;
}

function leave(told) {
  const move = moves[now.at];
  if (move.told.value !== "done") move.told.value = told;
  still[now.at]();
  now.turn = 0;
  now.at = nextOpen(now.at);
  window.scrollTo(0, 0);
  if (!isOver()) say(`${fill(words.place, { place: now.at + 1, count: moves.length })}. ${moves[now.at].name}`);
}

function endTurn() {
  now.turn += 1;
  if (now.turn >= turnsOf(moves[now.at]).length) leave("done");
}

function end(seen) {
  halt();
  mayGoDark();
  find("screen").hidden = true;
  say(words.last);
  keep();
  show();
  if (!anyDone()) return;
  finishing.focus();
  // Who slept through the timer is asked: nothing is told for them.
  if (seen) form.requestSubmit(finishing);
}

function settle(seen = true) {
  if (isOver()) return end(seen);
  keep();
  show();
}

/** What has come to its end since the last look, however long ago that was. */
function pass(place) {
  const from = Math.max(heard.index, 0);
  for (const part of now.run.parts.slice(from, place.index)) {
    if (part.ends) endTurn();
  }
}

function beat() {
  if (!now.run) return;
  const at = Date.now();
  const seen = at - heard.beat < SLEPT_MS;
  heard.beat = at;
  const place = placeOf(now.run, at);
  if (place.index !== heard.index) {
    pass(place);
    Object.assign(heard, { index: place.index, rep: 0, ten: false });
    tick(true);
    if (place.part) say(fill(words.seconds, { what: partWords(place.part), seconds: place.part.seconds }));
    else {
      halt();
      if (!isOver()) say(words.over);
    }
    settle(seen);
  } else if (place.part) hear(place);
  draw();
}

function hear({ part, left, had }) {
  const rep = part.every ? Math.floor(had / 1000 / part.every) : 0;
  if (rep > heard.rep) tick();
  heard.rep = rep;
  if (heard.ten || part.seconds <= LONG_S || left > 10_000) return;
  heard.ten = true;
  say(words.ten);
}

function tapMain() {
  const at = Date.now();
  if (now.run) {
    beat();
    if (now.run) now.run = now.run.since === null ? resumed(now.run, at) : paused(now.run, at);
    heard.beat = at;
    return draw();
  }
  const parts = partsFromTap(moves[now.at], now.turn);
  if (!moves[now.at].hold) {
    endTurn();
    settle();
  }
  if (!isOver()) begin(parts);
}

const taps = {
  done: tapMain,
  skipped() {
    const { handsFree } = now;
    halt();
    leave("skipped");
    settle();
    if (handsFree && !isOver()) beginHandsFree();
  },
  back() {
    halt();
    if (!isOver()) still[now.at]();
    Object.assign(now, { at: now.at - 1, turn: 0 });
    settle();
  },
  again() {},
};

form.addEventListener("click", (event) => {
  const tell = event.target.closest("button[name=tell]")?.value;
  if (!(tell in taps)) return;
  event.preventDefault();
  // Two taps in a row are a slip of the finger.
  if (event.timeStamp - heard.tap > TWO_TAPS_MS) taps[tell]();
  heard.tap = event.timeStamp;
});
form.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});

// In the outbox it is as safe as here (client.js).
form.addEventListener("kept", () => forget(form.dataset.keep));
find("auto").addEventListener("click", () => {
  if (now.handsFree) {
    halt();
    return show();
  }
  beginHandsFree();
});
find("rest-skip").addEventListener("click", () => {
  if (now.run) now.run = skipped(now.run, Date.now());
  main.focus();
  beat();
});
find("rest-more").addEventListener("click", () => {
  if (now.run) now.run = longer(now.run, Date.now(), 15);
  heard.ten = false;
  draw();
});
find("sound").addEventListener("click", ({ currentTarget }) => {
  const on = currentTarget.getAttribute("aria-pressed") === "false";
  soundOn(on);
  currentTarget.setAttribute("aria-pressed", String(on));
  currentTarget.textContent = on ? words.sound_on : words.sound_off;
  tick();
});
document.addEventListener("keydown", (event) => {
  if (event.code !== "Space" || event.target.closest("button, a, input, summary")) return;
  event.preventDefault();
  if (!event.repeat) (isOver() ? finishing : main).click();
});
document.addEventListener("visibilitychange", beat);
window.addEventListener("pageshow", () => {
  sent = false;
});

sweep(form.dataset.keep);
addSteppers(form, keep);
goOn();
find("sound").hidden = false;
show();
setInterval(beat, BEAT_MS);
