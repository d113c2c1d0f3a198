// One step of the page: what the form says of a move, and how it looks while it is done. The words come from the page.

/** Fills {braces} in. */
export function fill(words, parts) {
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in parts ? String(parts[name]) : whole));
}

export function moveOf(section) {
  const numbers = Object.fromEntries(
    ["sets", "reps", "hold", "rest", "relax", "rep"].map((name) => [name, Number(section.dataset[name])]),
  );
  const legs = section.dataset.legs.split(" ").filter(Boolean);
  const { item, name } = section.dataset;
  return { ...numbers, legs, item, name, section, told: section.querySelector(`[name="did_${item}"]`) };
}

/** Which set, and which leg, is next: told by words and shape, not by colour alone. */
export function showTurn(move, turn, words) {
  for (const leg of move.section.querySelectorAll("[data-leg]")) {
    const isNow = Boolean(turn) && leg.dataset.leg === turn.leg;
    leg.classList.toggle("is-now", isNow);
    if (isNow) leg.setAttribute("aria-current", "step");
    else leg.removeAttribute("aria-current");
  }
  const list = move.section.querySelector("[data-sets-done]");
  list.hidden = move.sets < 2;
  [...list.children].forEach((mark, index) => {
    const isDone = !turn || index + 1 < turn.set;
    mark.classList.toggle("is-done", isDone);
    mark.textContent = `${isDone ? "✓ " : ""}${fill(words.set_done, { set: index + 1 })}`;
  });
}

/** Buttons for less and more beside each number. */
export function addSteppers(form, changed) {
  for (const button of form.querySelectorAll("[data-by]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const field = button.parentElement.querySelector("input");
      const next = (Number(field.value.replace(",", ".")) || 0) + Number(button.dataset.by);
      field.value = String(Math.min(Math.max(next, Number(field.min)), Number(field.max)));
      changed();
    });
  }
  for (const field of amounts(form)) field.addEventListener("change", changed);
}

export function amounts(form) {
  return form.querySelectorAll("input[data-asked]");
}

/** The picture that moves is shown on a tap, and never to whoever asked for less motion. */
export function addLoop(section, words) {
  const [button, picture] = [section.querySelector("[data-show]"), section.querySelector("[data-loop]")];
  if (!button || matchMedia("(prefers-reduced-motion: reduce)").matches) return () => {};
  const show = (moving) => {
    const wanted = moving ? picture.dataset.loop : picture.dataset.still;
    if (picture.getAttribute("src") !== wanted) picture.src = wanted;
    button.setAttribute("aria-pressed", String(moving));
    button.textContent = moving ? words.still : words.show;
  };
  button.hidden = false;
  button.addEventListener("click", () => show(button.getAttribute("aria-pressed") === "false"));
  return () => show(false);
}
