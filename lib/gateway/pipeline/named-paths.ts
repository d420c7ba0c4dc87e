/** A body may leave out many thousands, and each request's are in a header and in the ledger. */
const MOST_NAMED = 100;
const MOST_CHARACTERS = 4_000;
const LONGEST_PATH = 200;

/**
 * Paths as a header and the ledger have them: printable ASCII without commas and backslashes, and everything else as an
 * escape of JSON. Long ones are cut; of very many, the first are named, and how many follow.
 * @param count how many `paths` there are; no more are read than are named
 */
export function namedPaths(paths: Iterable<string>, count: number): readonly string[] {
  const named: string[] = [];
  let characters = 0;
  for (const path of paths) {
    const text = printable(path);
    characters += text.length + 1;
    if (named.length === MOST_NAMED || characters > MOST_CHARACTERS) break;
    named.push(text);
  }
  return named.length < count ? [...named, `and ${count - named.length} more`] : named;
}

function printable(path: string): string {
  const shown = path.length > LONGEST_PATH ? `${path.slice(0, LONGEST_PATH)}...` : path;
  return shown.replace(/[^\x20-\x2b\x2d-\x5b\x5d-\x7e]/g, escaped);
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
