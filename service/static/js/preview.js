// Shows what a reminder will say while it is being chosen: the page's own "Show the text", pressed by itself.

const WAIT = 400;

function follow(form) {
  const button = form.querySelector(".show-text");
  const place = form.dataset.preview;
  let timer = 0;
  let asked = 0;

  async function show() {
    const turn = ++asked;
    let answer;
    try {
      answer = await fetch(button.formAction, { method: "POST", body: new URLSearchParams(new FormData(form, button)) });
    } catch {
      return; // Offline: the button is still there.
    }
    // While something is wrong the page says so when it is saved, not at each key.
    if (turn !== asked || answer.status !== 200) return;
    const made = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(place);
    const shown = document.getElementById(place);
    if (made && shown && made.textContent !== shown.textContent) shown.replaceChildren(...made.childNodes);
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, WAIT);
  });
}

document.querySelectorAll("form[data-preview]").forEach(follow);
