// A file is looked at before it is sent: a picture is made as small as a phone needs and shown, a video that is too
// large is told of at once. Without this module the server says the same, and asks for a smaller file.

const ENOUGH = 1600; // pixels of the longer side: more is not seen on a phone
const PREVIEW = 360;

for (const form of document.querySelectorAll("form[data-upload]")) {
  const input = form.querySelector("input[type=file]");
  input.addEventListener("change", () => look(form, input));
  form.addEventListener("submit", () => {
    form.querySelector("button").disabled = true;
    form.querySelector(".upload-state").textContent = form.dataset.sending;
  });
}

// A page that the browser brings back from before can be sent again.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form[data-upload] button")) button.disabled = false;
});

async function look(form, input) {
  const [file] = input.files;
  const state = form.querySelector(".upload-state");
  const problem = document.getElementById(`${input.id}-problem`);
  state.replaceChildren();
  problem.textContent = "";
  if (!file) return;
  const bitmap = form.dataset.upload === "picture" ? await opened(file) : null;
  const small = bitmap && (await shrunk(file, bitmap));
  if (input.files[0] !== file) return; // another one was chosen in the meantime
  if (small) input.files = small;
  if (input.files[0].size > Number(form.dataset.most)) {
    problem.textContent = form.dataset.large;
    input.value = "";
  } else if (bitmap) {
    state.replaceChildren(drawn(bitmap, PREVIEW));
  }
}

async function opened(file) {
  try {
    return await createImageBitmap(file);
  } catch {
    return null; // no picture: the server says what would be right
  }
}

async function shrunk(file, bitmap) {
  if (Math.max(bitmap.width, bitmap.height) <= ENOUGH) return null;
  const type = file.type === "image/png" ? "image/png" : "image/jpeg";
  const blob = await new Promise((done) => drawn(bitmap, ENOUGH).toBlob(done, type, 0.88));
  if (!blob || blob.size >= file.size) return null;
  const chosen = new DataTransfer();
  chosen.items.add(new File([blob], "picture", { type }));
  return chosen.files;
}

function drawn(bitmap, most) {
  const scale = Math.min(1, most / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}
