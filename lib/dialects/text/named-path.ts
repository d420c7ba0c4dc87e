/** As much of a name as a path shows: a client's own may have megabytes. */
export const MOST_NAME_CHARACTERS = 100;
/** A long path names no more fields: there may be one for each value in a body. */
const LONG_PATH_CHARACTERS = 1_000;

/** A name for a path: a long one is cut. */
export const shownName = (name: string): string =>
  name.length > MOST_NAME_CHARACTERS ? `${name.slice(0, MOST_NAME_CHARACTERS)}...` : name;

/** The path of a field of what is at `path`. */
export function fieldBelow(path: string, name: string): string {
  if (path === "") return shownName(name);
  return path.length > LONG_PATH_CHARACTERS ? path : `${path}.${shownName(name)}`;
}
