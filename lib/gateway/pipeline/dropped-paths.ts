import { type Path, paramOfPath, pathOf } from "#lib/dialects/text/cut-path";

/** Places in lists that were left out, by the paths of the lists, in order; all as the client's own body has them. */
export type RemovedPlaces = Map<string, readonly number[]>;

/** What paths leave out of lists: there may be many thousands. */
export function removedPlaces(dropped: readonly string[]): RemovedPlaces {
  const unsorted = new Map<string, number[]>();
  for (const path of dropped.map(pathOf)) {
    const place = path.at(-1);
    if (typeof place !== "number") continue;
    const list = paramOfPath(path.slice(0, -1));
    const places = unsorted.get(list);
    if (places === undefined) unsorted.set(list, [place]);
    else places.push(place);
  }
  return new Map([...unsorted].map(([list, places]) => [list, places.toSorted((one, other) => one - other)]));
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
