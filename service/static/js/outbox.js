// What was told on this phone and has not arrived yet: kept in the phone's database first, then sent, oldest first.
// Knows nothing of the page. An entry is
//   { id, person, path, fields, madeAt, day, label, slot, each, hidden, problem }
// `id` (UUIDv7) and `madeAt` are made here, once: however often it is sent, the server keeps it once. `slot` names the
// question: a newer answer takes the place of one that still waits. `problem` is why the server will not have it.

const NAME = "clamshell";
const PATIENCE = 20000;
const LEASE = 60000;
// These say nothing of the entry: it goes later.
const LATER = [408, 425, 429];

let opened;
let channel;
const tab = newId();

export function newId(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint32(0, Math.floor(now / 2 ** 16));
  new DataView(bytes.buffer).setUint16(4, now % 2 ** 16);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

// By their ids, which begin with the time they were made. A phone without a database keeps nothing.
export function all() {
  return inStore("entries", "readonly", (store) => store.getAll()).catch(() => []);
}

// In one transaction: either the newer answer waits or the older one still does.
export async function add(entry) {
  await inStore("entries", "readwrite", (store) => {
    const asking = store.getAll();
    asking.onsuccess = () => {
      asking.result.filter((other) => takesPlace(entry, other)).forEach((other) => store.delete(other.id));
      store.put(entry);
    };
  });
  changed();
}

function takesPlace(entry, other) {
  if (entry.each || entry.person !== other.person || entry.path !== other.path || entry.day !== other.day) return false;
  return entry.slot === other.slot || other.problem !== undefined;
}

export async function remove(id) {
  await inStore("entries", "readwrite", (store) => store.delete(id));
  changed();
}

// One that was replaced in the meantime stays away.
async function refuse(id, problem) {
  await inStore("entries", "readwrite", (store) => {
    const asking = store.get(id);
    asking.onsuccess = () => asking.result && store.put({ ...asking.result, problem });
  });
  changed();
}

// Sends what waits for whoever is signed in. `state` is "sent", "nothing", "unreached", "signed-out" or "elsewhere"
// (another tab is at it); `backs` says by id where the server would lead.
export function send() {
  return alone(async (stillMine) => {
    const backs = new Map();
    if (!(await all()).some(isToSend)) return { state: "nothing", backs };
    const me = await whoIsSignedIn();
    if (!me.person) return { ...me, backs };
    for (let entry = await next(me.person); entry; entry = await next(me.person)) {
      if (!(await stillMine())) return { state: "elsewhere", person: me.person, backs };
      const stopped = await settle(entry, await post(entry, me), backs);
      if (stopped) return { state: stopped, person: me.person, backs };
    }
    return { state: backs.size ? "sent" : "nothing", person: me.person, backs };
  });
}

const isToSend = (entry) => entry.problem === undefined;

async function next(person) {
  return (await all()).find((entry) => entry.person === person && isToSend(entry));
}

// Why no more can be sent now, or nothing.
async function settle(entry, { status, told }, backs) {
  if (status === 200) {
    backs.set(entry.id, told.back);
    await remove(entry.id);
    return undefined;
  }
  // Somebody else signed in meanwhile, or this session has ended. Another 409 is about the entry: it came too late.
  if (status === 401 || status === 403 || (status === 409 && told.signed_in)) return "signed-out";
  if (status < 400 || status >= 500 || LATER.includes(status)) return "unreached";
  await refuse(entry.id, told.problem ?? "");
  return undefined;
}

async function whoIsSignedIn() {
  const { status, told } = await ask("/today/me", {});
  if (status === 200) return told;
  // Whoever is signed out is led to the sign-in page, which a script sees as an answer without a status.
  return { state: status === "led away" || status === 401 || status === 403 ? "signed-out" : "unreached" };
}

function post(entry, me) {
  const body = new URLSearchParams(entry.fields);
  if (entry.each) body.set("entry", entry.id);
  body.set("kept_as", entry.id);
  body.set("person", me.person);
  body.set("csrf", me.csrf);
  body.set("made_at", entry.madeAt);
  body.set("sent_at", new Date().toISOString());
  return ask(entry.path, { method: "POST", body });
}

async function ask(path, options) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), PATIENCE);
  try {
    const answer = await fetch(path, { ...options, redirect: "manual", cache: "no-store", signal: limit.signal });
    if (answer.type === "opaqueredirect") return { status: "led away", told: {} };
    const isData = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
    return { status: answer.status, told: isData ? await answer.json() : {} };
  } catch {
    return { status: 0, told: {} };
  } finally {
    clearTimeout(timer);
  }
}

// ---- one tab at a time ----

function alone(work) {
  if (navigator.locks) return navigator.locks.request(NAME, () => work(async () => true));
  return underLease(work);
}

// For browsers without locks: whoever writes its name first sends, for a minute at most without writing it again.
async function underLease(work) {
  if (!(await hold())) return { state: "elsewhere", backs: new Map() };
  try {
    return await work(hold);
  } finally {
    await inStore("lease", "readwrite", (store) => store.delete("sender"));
  }
}

async function hold() {
  let isHeld = false;
  await inStore("lease", "readwrite", (store) => {
    const asking = store.get("sender");
    asking.onsuccess = () => {
      const { holder = tab, until = 0 } = asking.result ?? {};
      isHeld = holder === tab || until < Date.now();
      if (isHeld) store.put({ name: "sender", holder: tab, until: Date.now() + LEASE });
    };
  });
  return isHeld;
}

// ---- the phone's database ----

function database() {
  opened ??= new Promise((resolve, reject) => {
    const asking = indexedDB.open(NAME, 1);
    asking.onupgradeneeded = () => {
      asking.result.createObjectStore("entries", { keyPath: "id" });
      asking.result.createObjectStore("lease", { keyPath: "name" });
    };
    asking.onsuccess = () => {
      asking.result.onclose = () => (opened = undefined);
      resolve(asking.result);
    };
    asking.onerror = () => reject(asking.error);
  });
  return opened;
}

// Done when it is on the disk, not before; answers what the request `act` returns found.
async function inStore(name, mode, act) {
  const transaction = (await database()).transaction(name, mode, { durability: "strict" });
  const asking = act(transaction.objectStore(name));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asking?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

// ---- other tabs ----

function shared() {
  channel ??= "BroadcastChannel" in globalThis ? new BroadcastChannel(NAME) : new EventTarget();
  return channel;
}

function changed() {
  shared().postMessage?.("changed");
}

// Calls when another tab kept, sent or removed something.
export function onChange(look) {
  shared().addEventListener("message", look);
}
