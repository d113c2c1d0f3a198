// A day is picked by the pointer or by the arrow keys, and shows in every panel, in the list beside them, and as words.
// The words are those of the table under the panels, so that they are nowhere twice.

const SVG = "http://www.w3.org/2000/svg";
const DAY = 86_400_000;

const timeline = document.querySelector("[data-timeline]");
const told = document.querySelector("[data-told]");
const rows = new Map([...document.querySelectorAll("[data-days] tbody tr")].map((row) => [row.dataset.day, row]));
const heads = [...document.querySelectorAll("[data-days] thead th")].map((head) => head.textContent.trim());
let picked = "";

function places(panel) {
  const { first, last, left, right } = panel.dataset;
  const [from, to] = [Date.parse(first), Date.parse(last)];
  const slot = (right - left) / ((to - from) / DAY + 1);
  return { from, to, left: Number(left), right: Number(right), slot };
}

function mark(panel, day) {
  panel.querySelector(".day-mark")?.remove();
  const { from, to, left, slot } = places(panel);
  const at = Date.parse(day);
  if (!day || at < from || at > to) return;
  const band = document.createElementNS(SVG, "rect");
  const width = Math.max(slot, 3);
  band.setAttribute("class", "day-mark");
  band.setAttribute("x", String(left + ((at - from) / DAY + 0.5) * slot - width / 2));
  band.setAttribute("width", String(width));
  band.setAttribute("y", "0");
  band.setAttribute("height", "100%");
  // Under everything that is drawn.
  panel.querySelector("title").after(band);
}

function wordsOf(day) {
  const row = rows.get(day);
  if (!row) return "";
  const [name, ...cells] = [...row.cells].map((cell) => cell.textContent.trim());
  const values = cells.map((words, index) => (words === "–" ? "" : `${heads[index + 1]}: ${words}`)).filter(Boolean);
  return [name, ...values].join(" · ");
}

function pick(day) {
  if (day === picked) return;
  picked = day;
  for (const panel of timeline.querySelectorAll("[data-first]")) mark(panel, day);
  for (const line of document.querySelectorAll(".entries [data-day]")) {
    line.classList.toggle("is-picked", Boolean(day) && line.dataset.day === day);
  }
  told.textContent = wordsOf(day);
}

function dayUnder(panel, event) {
  const box = panel.getBoundingClientRect();
  const x = ((event.clientX - box.left) / box.width) * panel.viewBox.baseVal.width;
  const { from, left, right, slot } = places(panel);
  if (x < left || x >= right) return "";
  return new Date(from + Math.floor((x - left) / slot) * DAY).toISOString().slice(0, 10);
}

function step(by) {
  const days = [...rows.keys()].sort();
  const at = days.indexOf(picked);
  const next = at < 0 ? days.length - 1 : Math.min(Math.max(at + by, 0), days.length - 1);
  pick(days[next]);
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

if (timeline) {
  timeline.tabIndex = 0;
  timeline.addEventListener("pointermove", (event) => {
    const panel = event.target.closest("[data-first]");
    if (panel) pick(dayUnder(panel, event));
  });
  timeline.addEventListener("pointerleave", () => pick(""));
  timeline.addEventListener("keydown", (event) => {
    if (event.key === "Escape") pick("");
    if (!(event.key in STEPS) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    step(STEPS[event.key]);
  });
  timeline.addEventListener("blur", () => pick(""));
  for (const list of document.querySelectorAll(".entries")) {
    list.addEventListener("pointerover", (event) => pick(event.target.closest("[data-day]")?.dataset.day ?? ""));
    list.addEventListener("pointerleave", () => pick(""));
  }
}
