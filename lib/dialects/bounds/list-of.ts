import { z } from "zod";
import { IN_PLAIN_WORDS } from "#lib/http/plain-words";

/** How many elements are checked at a time. */
const SLICE_ELEMENTS = 256;

/**
 * A list of which the first elements that are not valid end the check: a schema's own list reports each of them, which
 * takes half a second for as many as a body may have.
 */
export function listOf<Element extends z.ZodType>(element: Element) {
  const slice = z.array(element);
  return z.array(z.unknown()).transform((list, context): z.output<Element>[] => {
    const read: z.output<Element>[] = [];
    for (let from = 0; from < list.length; from += SLICE_ELEMENTS) {
      const parsed = slice.safeParse(list.slice(from, from + SLICE_ELEMENTS), IN_PLAIN_WORDS);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        const [at, ...path] = issue?.path ?? [];
        const place = typeof at === "number" ? [from + at, ...path] : path;
        context.addIssue({ code: "custom", message: issue?.message, path: place });
        return z.NEVER;
      }
      read.push(...parsed.data);
    }
    return read;
  });
}
