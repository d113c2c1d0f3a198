// Keeps the screen on while somebody moves, where the browser can; and a soft tick, once somebody asked for it.

let lock = null;
let wanted = false;

async function request() {
  try {
    lock = await navigator.wakeLock.request("screen");
    return true;
  } catch {
    return false;
  }
}

/** Whether the screen stays on by itself. */
export async function stayAwake() {
  wanted = true;
  return "wakeLock" in navigator && (await request());
}

export function mayGoDark() {
  wanted = false;
  if (lock) lock.release();
  lock = null;
}

// A browser lets go of the screen whenever the page is hidden.
document.addEventListener("visibilitychange", () => {
  if (wanted && document.visibilityState === "visible" && "wakeLock" in navigator) request();
});

let audio = null;

/** To be called from a tap: phones let no page make sound before one. */
export function soundOn(on) {
  if (on && !audio && window.AudioContext) audio = new AudioContext();
  if (audio) (on ? audio.resume() : audio.suspend());
}

export function tick(high = false) {
  if (!audio || audio.state !== "running") return;
  const [tone, volume, at] = [audio.createOscillator(), audio.createGain(), audio.currentTime];
  tone.frequency.value = high ? 880 : 587;
  volume.gain.setValueAtTime(0.12, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.18);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + 0.2);
}
