import { isObject } from "#lib/dialects/text/json-fields";

/** Where two JSON values are not the same; undefined for what one of them does not have. */
export type Difference = {
  /** From the top, such as `messages[].content`: without the places in lists. */
  path: string;
  ours: unknown;
  theirs: unknown;
};

/**
 * The differences of two JSON values, each as deep in them as it can be named. Of lists of different lengths, what they
 * share at their beginnings and ends is left out.
 */
export function differencesOf(ours: unknown, theirs: unknown, path = ""): Difference[] {
  if (Array.isArray(ours) && Array.isArray(theirs)) return differencesOfLists(ours, theirs, path);
  if (isObject(ours) && isObject(theirs)) {
    const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
    return [...names].flatMap((name) =>
      differencesOf(ours[name], theirs[name], path === "" ? name : `${path}.${name}`),
    );
  }
  return isSame(ours, theirs) ? [] : [{ path, ours, theirs }];
}

function differencesOfLists(
  ours: readonly unknown[],
  theirs: readonly unknown[],
  path: string,
): Difference[] {
  if (ours.length === theirs.length)
    return ours.flatMap((value, at) => differencesOf(value, theirs[at], `${path}[]`));
  const shorter = Math.min(ours.length, theirs.length);
  let start = 0;
  while (start < shorter && isSame(ours[start], theirs[start])) start++;
  let end = 0;
  while (end < shorter - start && isSame(ours.at(-1 - end), theirs.at(-1 - end))) end++;
  const rest = (list: readonly unknown[]) => list.slice(start, list.length - end);
  return [{ path, ours: rest(ours), theirs: rest(theirs) }];
}

/** Whether two values are the same as JSON, but for the order of fields. */
export const isSame = (one: unknown, other: unknown): boolean => inOrder(one) === inOrder(other);

const inOrder = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, inner: unknown) =>
    isObject(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );

/** A value in which a field has another name wherever this is its path. */
export function renamedAt(value: unknown, path: string, name: string): unknown {
  if (!isObject(value)) return value;
  const [first = "", ...rest] = path.split(".");
  if (rest.length === 0) {
    const { [first]: moved, ...others } = value;
    return moved === undefined ? value : { ...others, [name]: moved };
  }
  const field = first.replace("[]", "");
  const inner = value[field];
  const renamed = (item: unknown): unknown => renamedAt(item, rest.join("."), name);
  return inner === undefined
    ? value
    : { ...value, [field]: Array.isArray(inner) ? inner.map(renamed) : renamed(inner) };
}
