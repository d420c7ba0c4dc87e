import type { Call } from "#lib/dialects/call";

/** Shorter words may be in any text by chance. */
const LEAST_CHARACTERS = 12;

/** What to look for: the names of a field, and the words around it in an error. */
type Sought = { names: readonly string[]; around: readonly string[] };

/** Whether a top-level field has one of the names in its own: an error about it may be read as one about them. */
export const hasFieldLike = ({ fields }: Pick<Call, "fields">, names: readonly string[]): boolean =>
  [...fields.keys()].some((field) => !names.includes(field) && holdsOne(field, names));

/**
 * Whether the client may have written an error's words itself: the name is in its body, besides where it sets the
 * field, or what is around it is.
 * @param inValues whether an error may quote its texts, too, and not only the names of its fields
 */
export function mayBeFromClient({ json }: Pick<Call, "json">, { names, around }: Sought, inValues: boolean) {
  const long = around.filter((part) => part.length >= LEAST_CHARACTERS);
  const isIts = (text: string) => holdsOne(text, names) || holdsOne(text, long);
  const body: unknown = JSON.parse(json);
  // No recursion: a body may be deeper than the stack.
  const rest: { value: unknown; path: readonly string[] }[] = [{ value: body, path: [] }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value, path } = next;
    if (typeof value === "string") {
      if (inValues && isIts(value)) return true;
    } else if (Array.isArray(value)) {
      for (const item of value) rest.push({ value: item, path: IN_A_LIST });
    } else if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        const isOwn = path.length === 0 ? names.includes(name) : isOfStreamOptions(path, name);
        if (!isOwn && isIts(name)) return true;
        rest.push({ value: inner, path: path.length === 0 ? [name] : IN_A_LIST });
      }
    }
  }
  return false;
}

const IN_A_LIST = ["", ""] as const;
const isOfStreamOptions = (path: readonly string[], name: string) =>
  path.length === 1 && path[0] === "stream_options" && name === "include_usage";

function holdsOne(text: string, parts: readonly string[]): boolean {
  return parts.some((part) => text.includes(part));
}
