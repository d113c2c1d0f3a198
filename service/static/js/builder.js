// The builder without waiting: the same buttons of the same form, pressed in the background. What the plan comes to,
// how long it takes and what speaks against it is always the server's answer; nothing of it is worked out here.

const WAIT = 1200;
const form = document.querySelector("form.builder");
let timer = 0;
let edits = 0;
let asked = null;
let isOver = false;
let waiting = Promise.resolve();

if (form) {
  form.addEventListener("submit", pressed);
  form.addEventListener("input", typed);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.name === "find") event.preventDefault();
  });
  addEventListener("pagehide", leave);
  // On a phone the keyboard would come up over the plan.
  const isTop = !location.hash && !document.querySelector(".prescribe [aria-invalid], .prescribe .problem");
  if (isTop && matchMedia("(width >= 60rem)").matches) form.elements.find.focus({ preventScroll: true });
}

function typed(event) {
  if (event.target.name.startsWith("find")) find();
  else {
    meant(event.target);
    edits += 1;
    clearTimeout(timer);
    timer = setTimeout(() => press("save"), WAIT);
  }
}

// Whoever ticks a day means the days; whoever types a goal or a time means the habit or the reminder it is of; whoever
// takes back the last step allowed ahead takes back the day until which it was.
function meant({ name, value }) {
  const [, kind, code] = name.match(/^(on|goal|remind_at|harder|easier)_(.+)$/) ?? [];
  if (kind === "on") form.elements[`cadence_${code}`].value = "pick";
  else if (kind === "harder" || kind === "easier") {
    const isAny = ["harder", "easier"].some((way) => form.elements[`${way}_${code}`].value);
    if (!isAny) form.elements[`until_${code}`].value = "";
  }
  else if (kind && value) form.elements[`${kind === "goal" ? "habit" : "remind"}_${code}`].checked = true;
}

function find() {
  const plain = (words) => words.toLowerCase().normalize("NFD").replace(/\p{Mn}/gu, "");
  const words = plain(form.elements.find.value).split(/\s+/).filter(Boolean);
  const filters = [...form.querySelectorAll(".find select")].filter((one) => one.value);
  const wanted = filters.map((one) => `${one.name.slice("find_".length)}-${one.value}`);
  let found = 0;
  for (const row of form.querySelectorAll(".result")) {
    const tags = row.dataset.tags.split(" ");
    row.hidden = !(wanted.every((tag) => tags.includes(tag)) && words.every((word) => row.dataset.words.includes(word)));
    found += row.hidden ? 0 : 1;
  }
  const told = document.getElementById("found");
  told.textContent = found === 1 ? told.dataset.one : told.dataset.many.replace("NUM", found);
}

function pressed(event) {
  const button = event.submitter;
  clearTimeout(timer);
  if (isOver || button?.name !== "act" || button.value === "discard") {
    if (button?.formTarget !== "_blank") stop();
    return;
  }
  event.preventDefault();
  if (button.value === "find") find();
  else press(button.value);
}

// What is on its way would come back as a draft of a plan that was sent.
function stop() {
  isOver = true;
  asked?.abort();
  timer = 0;
}

// One after the other: each is about the form that the one before it left.
function press(act) {
  timer = 0;
  waiting = waiting.then(() => isOver || ask(act));
}

async function ask(act) {
  const before = edits;
  asked = new AbortController();
  try {
    const answer = await fetch(form.getAttribute("action"), {
      method: "POST",
      body: fields(act),
      signal: asked.signal,
    });
    const made = new DOMParser().parseFromString(await answer.text(), "text/html");
    // Signed out, or somebody else sent a plan: that page is for the person to see, with all that they wrote.
    if (!made.getElementById("plan-lines")) return sendByPage();
    // Somebody wrote on meanwhile: the answer knows nothing of it.
    if (act !== "save" && edits !== before) return ask(act);
    show(made, act);
    say(false);
  } catch (error) {
    if (error.name !== "AbortError") say(true);
  }
}

function sendByPage() {
  stop();
  form.querySelector('button[name="act"][value="save"]').click();
}

function fields(act) {
  const body = new URLSearchParams(new FormData(form));
  body.set("act", act);
  return body;
}

function show(made, act) {
  const [kind, code] = act.split(":");
  if (kind !== "save") {
    swap(made, "plan-lines");
    mark(made);
  } else form.querySelectorAll(".line-warned").forEach((one) => swap(made, one.id));
  for (const id of ["warned-plan", "plan-none", "plan-sum", "draft-state"]) swap(made, id);
  if (kind === "remove") document.getElementById("plan-title").focus();
  if (kind === "up" || kind === "down") focusOn(`${kind}:${code}`, `${kind === "up" ? "down" : "up"}:${code}`);
  if (kind === "add") document.querySelector(`#line-${CSS.escape(code)} input[type="number"]`)?.focus();
}

// What somebody is writing in stays under their hands.
function swap(made, id) {
  const [next, now] = [made.getElementById(id), document.getElementById(id)];
  if (!next || !now || next.innerHTML === now.innerHTML) return;
  if (id !== "plan-lines" && now.contains(document.activeElement)) return;
  now.replaceChildren(...next.childNodes);
}

function mark(made) {
  const there = new Map([...made.querySelectorAll(".result > button")].map((one) => [one.value, one]));
  for (const button of form.querySelectorAll(".result > button")) {
    const next = there.get(button.value);
    if (next && next.disabled !== button.disabled) button.replaceWith(next);
  }
}

function focusOn(...values) {
  const found = values.map((value) => form.querySelector(`button[value="${CSS.escape(value)}"]:enabled`));
  found.find(Boolean)?.focus();
}

function say(isLost) {
  document.getElementById("not-saved").hidden = !isLost;
}

// The last words before somebody leaves are kept as well.
function leave() {
  if (timer) fetch(form.getAttribute("action"), { method: "POST", body: fields("save"), keepalive: true });
}
