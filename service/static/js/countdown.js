// What a timer runs through, and where it is. Nothing here ticks: every answer comes from the time that has passed, so
// that a page which slept is right when it wakes up.

const READY = 3; // from the tap to the first hold: one has to get there
const CHANGE = 5; // from one leg to the other, hands free
const NEXT_MOVE = 10; // from one move to the next, hands free

/** A turn is one set of one leg; `leg` is "" where both do it at once. */
export function turnsOf(move) {
  const legs = move.legs.length ? move.legs : [""];
  const sets = Array.from({ length: move.sets }, (_, number) => number + 1);
  return sets.flatMap((set) => legs.map((leg) => ({ set, leg })));
}

/** The parts of one turn; the last of them ends it. A set that has no hold is timed only hands free. */
export function partsOfTurn(move, turn) {
  if (!move.hold) return [{ kind: "work", seconds: move.reps * move.rep, every: move.rep, ends: true, ...turn }];
  const parts = [];
  for (let rep = 1; rep <= move.reps; rep += 1) {
    parts.push({ kind: "hold", seconds: move.hold, rep, reps: move.reps, ends: rep === move.reps, ...turn });
    if (rep < move.reps) parts.push({ kind: "relax", seconds: move.relax, ...turn });
  }
  return parts;
}

/** What comes between two turns of a move. */
export function restBetween(move, turn, next, handsFree) {
  if (!next) return [];
  if (next.set === turn.set) return handsFree ? [{ kind: "change", seconds: CHANGE, ...next }] : [];
  return move.rest ? [{ kind: "rest", seconds: move.rest, ...next }] : [];
}

/** From a tap to the next one: the turn, when it has holds, and the rest behind it. */
export function partsFromTap(move, at) {
  const turns = turnsOf(move);
  const turn = turns[at];
  const held = move.hold ? [{ kind: "ready", seconds: READY, ...turn }, ...partsOfTurn(move, turn)] : [];
  return [...held, ...restBetween(move, turn, turns[at + 1], false)];
}

/** Hands free: all that is left, from turn `at` of the first of these moves to the end of the last. */
export function partsHandsFree(moves, at) {
  return moves.flatMap((move, number) => {
    const turns = turnsOf(move);
    const first = number === 0 ? at : 0;
    const lead = { kind: "ready", seconds: number === 0 ? READY : NEXT_MOVE, ...turns[first] };
    const rest = turns.slice(first).flatMap((turn, index) => {
      return [...partsOfTurn(move, turn), ...restBetween(move, turn, turns[first + index + 1], true)];
    });
    return [lead, ...rest];
  });
}

/** A run is parts, how much of them has passed (`gone`, in ms), and since when it goes on; `since` is null in a pause. */
export function started(parts, now) {
  return { parts, gone: 0, since: now };
}

function passed(run, now) {
  return run.gone + (run.since === null ? 0 : Math.max(now - run.since, 0));
}

export function paused(run, now) {
  return { ...run, gone: passed(run, now), since: null };
}

export function resumed(run, now) {
  return run.since === null ? { ...run, since: now } : run;
}

/** Where it is: the part, how many ms are left of it, and how many it has had. At its end, no part. */
export function placeOf(run, now) {
  let left = passed(run, now);
  for (const [index, part] of run.parts.entries()) {
    const length = part.seconds * 1000;
    if (left < length) return { index, part, left: length - left, had: left };
    left -= length;
  }
  return { index: run.parts.length, part: null, left: 0, had: left };
}

/** The part that runs gets longer. */
export function longer(run, now, seconds) {
  const { index } = placeOf(run, now);
  const parts = run.parts.map((part, at) => (at === index ? { ...part, seconds: part.seconds + seconds } : part));
  return { ...run, parts };
}

/** On to the next part. */
export function skipped(run, now) {
  return { ...run, gone: run.gone + placeOf(run, now).left };
}
