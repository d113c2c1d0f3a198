// Keeps what a phone needs without a network: stylesheet, scripts and words of the pages ("shell"), and the last copies
// of a few pages of the person signed in ("pages", docs/decisions/0030). `told` is put before this by the server.
const SHELL = `shell-${told.version}`;
const PAGES = "pages";
const PATIENCE = 3000;
const LONGEST = 7 * 24 * 3600 * 1000;
const PERSON = "Clamshell-Person";
const KEPT_AT = "Clamshell-Kept-At";
// Where a copy is of no use any more: somebody leaves, or somebody comes in.
const ENDS = ["/sign-out", "/sign-in/code"];
// Where a page that did not come is answered with our words instead of the browser's.
const OURS = /^\/($|today\b|plan\b|week\b|help\b|questions\b|on-hold\b|reminders\b|devices\b|my-data\b)/;
// What a page may name and is kept with it: our drawings, and a clinic's own pictures up to a size, but no video.
const PICTURES = /"(\/(?:pictures|media)\/[^"]+\.(?:svg|png|jpe?g|webp))"/g;
const LARGEST = 2 * 1024 * 1024;
const ALL_OF_THEM = 20 * 1024 * 1024;

let forgotten = 0; // how often: what was asked for before is not kept after
let keeping; // the last copy that is being made

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

async function install() {
  const cache = await caches.open(SHELL);
  await cache.addAll(told.shell);
  await self.skipWaiting();
}

async function takeOver() {
  const old = (await caches.keys()).filter((name) => name.startsWith("shell-") && name !== SHELL);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && ENDS.includes(url.pathname)) event.waitUntil(forget());
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(request, url));
  else if (/^\/(pictures|media)\//.test(url.pathname) && !request.headers.has("Range")) event.respondWith(picture(request));
  else if (request.mode === "navigate" && told.pages.includes(url.pathname)) event.respondWith(page(event, url));
  else if (request.mode === "navigate" && OURS.test(url.pathname)) event.respondWith(orWords(request));
});

// A copy of a page may name files of the version before: those of this one stand in for them.
async function file(request, url) {
  const own = url.pathname.replace(/^\/static\/[0-9a-f]{16}\//, `/static/${told.version}/`);
  const kept = await caches.match(own, { cacheName: SHELL });
  if (kept && own === url.pathname) return kept;
  return fetch(request).catch(() => kept ?? Response.error());
}

async function picture(request) {
  return (await caches.match(request, { cacheName: PAGES })) ?? fetch(request);
}

async function page(event, url) {
  const kept = await copyOf(url.pathname);
  const asOf = forgotten;
  const asked = fetch(event.request).then((answer) => seen(event, url.pathname, answer, asOf));
  event.waitUntil(asked.catch(() => undefined));
  try {
    const answer = await (kept ? within(PATIENCE, asked) : asked);
    return answer.status >= 500 && kept ? kept : answer;
  } catch {
    if (kept) event.waitUntil(tellWhenThere(event, url.pathname, asked));
    return kept ?? words();
  }
}

// The page that shows a copy because the server took its time is told when a newer one is kept.
async function tellWhenThere(event, path, asked) {
  const answer = await asked.catch(() => undefined);
  if (answer?.status !== 200) return;
  await keeping;
  const shown = await self.clients.get(event.resultingClientId);
  shown?.postMessage({ fresh: path });
}

// The page that was there before the worker asks for a copy of itself.
self.addEventListener("message", (event) => {
  const path = event.data?.keep;
  if (!told.pages.includes(path)) return;
  const asOf = forgotten;
  const asked = fetch(path, { redirect: "manual" }).then((answer) => seen(event, path, answer, asOf));
  event.waitUntil(asked.catch(() => undefined));
});

function within(milliseconds, promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("late")), milliseconds));
  return Promise.race([promise, late]);
}

// A server that sends us away knows nobody, or somebody who is not a client: what was kept is nobody's to see.
function seen(event, path, answer, asOf) {
  const person = answer.headers.get(PERSON);
  if (answer.status === 200 && person) event.waitUntil((keeping = keep(path, person, answer.clone(), asOf)));
  else if (answer.type === "opaqueredirect" || [401, 403].includes(answer.status)) event.waitUntil(forget());
  return answer;
}

async function keep(path, person, answer, asOf) {
  const html = await answer.text();
  if (asOf !== forgotten) return;
  if (await isOfAnother(person)) await caches.delete(PAGES);
  const cache = await caches.open(PAGES);
  const at = new Date().toISOString();
  const headers = new Headers(answer.headers);
  headers.set(KEPT_AT, at);
  // A page cannot read its headers: it is told in its root that it is a copy.
  await cache.put(path, new Response(html.replace("<html ", `<html data-copy="${at}" `), { headers }));
  await keepPictures(cache, new Set([...html.matchAll(PICTURES)].map((found) => found[1])));
}

// One after the other, until the room for them is full.
async function keepPictures(cache, names) {
  let room = ALL_OF_THEM;
  for (const name of names) {
    const kept = (await cache.match(name)) ?? (await small(name));
    const size = Number(kept?.headers.get("Content-Length") ?? 0);
    if (!kept || size > room) continue;
    room -= size;
    await cache.put(name, kept);
  }
}

async function small(name) {
  const answer = await fetch(name).catch(() => undefined);
  if (answer?.status !== 200 || Number(answer.headers.get("Content-Length") ?? 0) > LARGEST) return undefined;
  return answer;
}

async function isOfAnother(person) {
  const cache = await caches.open(PAGES);
  const copies = await Promise.all(told.pages.map((path) => cache.match(path)));
  return copies.some((copy) => copy && copy.headers.get(PERSON) !== person);
}

async function copyOf(path) {
  const cache = await caches.open(PAGES);
  const kept = await cache.match(path);
  if (kept && Date.now() - Date.parse(kept.headers.get(KEPT_AT)) > LONGEST) {
    await cache.delete(path);
    return undefined;
  }
  return kept;
}

async function forget() {
  forgotten += 1;
  await caches.delete(PAGES);
}

async function orWords(request) {
  return fetch(request).catch(() => words());
}

// In the browser's language as it is now: the one that it had when the worker came may have been another.
async function words() {
  const known = (language) => told.offline[language.slice(0, 2).toLowerCase()];
  const address = self.navigator.languages.map(known).find(Boolean) ?? told.offline.en;
  return (await caches.match(address, { cacheName: SHELL })) ?? Response.error();
}
