/** How a name that is taken gets a number. */
type Numbering = {
  /** What the number follows: of a name that may have no more characters, the first ones. */
  stemOf: (name: string) => string;
  suffix: (count: number) => string;
  /** Names that are taken before any is made. */
  isTaken?: (name: string) => boolean;
};

/**
 * Creates the function that makes names of which no two are the same. It tries each number of a stem once: a body may have
 * tens of thousands of the same name.
 */
export function unrepeatedNames({ stemOf, suffix, isTaken = () => false }: Numbering) {
  const made = new Set<string>();
  const nextOf = new Map<string, number>();
  return (wanted: string): string => {
    let name = wanted;
    if (made.has(name) || isTaken(name)) {
      const stem = stemOf(wanted);
      let count = nextOf.get(stem) ?? 2;
      do name = stem + suffix(count++);
      while (made.has(name) || isTaken(name));
      nextOf.set(stem, count);
    }
    made.add(name);
    return name;
  };
}
