// Asks the browser for a passkey, and sends what it answers with the form that stands around the button.

function bytesOf(words) {
  const plain = atob(words.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function wordsOf(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

// The server writes bytes as words, in the places where browsers want bytes.
function read(options) {
  const asked = JSON.parse(options);
  asked.challenge = bytesOf(asked.challenge);
  if (asked.user) asked.user.id = bytesOf(asked.user.id);
  for (const one of asked.excludeCredentials ?? []) one.id = bytesOf(one.id);
  return asked;
}

const TOLD = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

function told(credential) {
  const response = {};
  for (const name of TOLD) {
    if (credential.response[name]) response[name] = wordsOf(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: credential.id, type: credential.type, response });
}

async function ask(form) {
  const problem = form.querySelector("[data-problem]");
  problem.hidden = true;
  try {
    const publicKey = read(form.dataset.options);
    const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
    form.querySelector("[data-answer]").value = told(credential);
    form.submit();
  } catch {
    // Taken back, run out of time, or there already: the browser has said which.
    problem.hidden = false;
  }
}

// A passkey belongs to a name: where the address is a number there is none.
const isNumber = /^[0-9.]+$|^\[/.test(location.hostname);

if (window.PublicKeyCredential && !isNumber) {
  for (const form of document.querySelectorAll("[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
  }
  document.querySelectorAll("[data-no-passkey]").forEach((words) => words.remove());
}
