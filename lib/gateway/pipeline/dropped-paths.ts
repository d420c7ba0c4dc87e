import { type Path, paramOfPath, pathOf } from "#lib/dialects/text/cut-path";

/** Places in lists that were left out, by the paths of the lists, in order; all as the client's own body has them. */
export type RemovedPlaces = Map<string, readonly number[]>;

/** What paths leave out of lists. */
export function removedPlaces(dropped: readonly string[]): RemovedPlaces {
  const removed: RemovedPlaces = new Map();
  for (const param of dropped) noteRemoved(pathOf(param), removed);
  return removed;
}

/** @param path as the client's own body has it */
export function noteRemoved(path: Path, removed: RemovedPlaces): void {
  const place = path.at(-1);
  if (typeof place !== "number") return;
  const list = paramOfPath(path.slice(0, -1));
  removed.set(
    list,
    [...(removed.get(list) ?? []), place].toSorted((one, other) => one - other),
  );
}

/** A path in what is left of a body, as the client's own body has it. */
export function originalPath(path: Path, removed: RemovedPlaces): Path {
  const original: (string | number)[] = [];
  for (const step of path) {
    const places = removed.get(paramOfPath(original)) ?? [];
    original.push(
      typeof step === "number" ? places.reduce((at, place) => (place <= at ? at + 1 : at), step) : step,
    );
  }
  return original;
}
