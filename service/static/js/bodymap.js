// The drawing only ticks boxes of the list beside it, which is what is sent. The list is there for whoever has no
// script, and comes back as soon as the keyboard or a screen reader reaches it.

function boxOf(places, region) {
  return places.querySelector(`input[value="${region.dataset.box}"]`);
}

function labelOf(box) {
  return box.labels[0].textContent.trim();
}

function pickedWords(places) {
  const sentences = [];
  for (const group of places.querySelectorAll("[data-list] fieldset")) {
    const labels = [...group.querySelectorAll("input:checked")].map(labelOf);
    if (labels.length) sentences.push(`${group.querySelector("legend").textContent.trim()}: ${labels.join(", ")}.`);
  }
  return sentences.join(" ");
}

function draw(places) {
  for (const region of places.querySelectorAll("[data-box]")) {
    region.classList.toggle("is-picked", boxOf(places, region).checked);
  }
  places.querySelector("[data-picked]").textContent = pickedWords(places);
}

function use(places, view) {
  const isMap = view === "map";
  for (const part of places.querySelectorAll("[data-map], [data-picked], [data-below]")) part.hidden = !isMap;
  places.querySelector("[data-list]").classList.toggle("only-read", isMap);
  for (const button of places.querySelectorAll("[data-use]")) button.hidden = button.dataset.use === view;
}

function setUp(places) {
  places.querySelector("[data-switch]").hidden = false;
  places.addEventListener("click", (event) => {
    const region = event.target.closest("[data-box]");
    const button = event.target.closest("[data-use]");
    if (region) {
      const box = boxOf(places, region);
      box.checked = !box.checked;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (button) {
      use(places, button.dataset.use);
      places.querySelector("[data-use]:not([hidden])").focus();
    }
  });
  places.addEventListener("change", () => draw(places));
  places.querySelector("[data-list]").addEventListener("focusin", ({ target }) => {
    use(places, "list");
    // The drawing left the page, and the box that has the focus moved.
    target.scrollIntoView({ block: "nearest" });
  });
  use(places, "map");
  draw(places);
}

document.querySelectorAll("[data-places]").forEach(setUp);
