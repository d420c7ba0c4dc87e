import type { Call } from "#lib/dialects/call";
import { cutsOf, type FieldSpan, setFields } from "#lib/dialects/text/json-fields";
import { isOutputBound } from "./output-bound-names";
import { plainName } from "./plain-name";

/** The output bound to send to a provider. */
export type SentBound = {
  /** Null leaves the client's own. */
  tokens: number | null;
  /** The name that the provider reads; null if it reads none. */
  field: string | null;
};

/**
 * Sets top-level fields in a call's text, and the output bound: under the provider's own name with the value that
 * is held, and under no other.
 * @param values as JSON text
 * @param dropped top-level fields to leave out
 */
export function setBoundedFields(
  { json, fields, outputBounds }: Pick<Call, "json" | "fields" | "outputBounds">,
  values: Record<string, string>,
  { tokens, field }: SentBound,
  dropped: readonly FieldSpan[] = [],
): string {
  const removed = new Set(dropped);
  if (tokens === null || field === null) {
    if (removed.size === 0) return setFields(json, fields, values);
    return setFields(json, fields, values, {
      cuts: cutsOf([...fields.values()], removed),
      topLevel: removed.size,
    });
  }
  values[field] = String(tokens);
  const { paths, topLevel, nested } = outputBounds;
  // The client's only bound may have the provider's name already.
  const isInPlace = paths.length === 1 && paths[0] === field;
  if (!isInPlace) for (const span of topLevel) removed.add(span);
  const plain = plainName(field);
  if (!isOutputBound(plain)) {
    // A name from the provider's settings, which no table has.
    for (const [name, span] of fields) if (name !== field && plainName(name) === plain) removed.add(span);
  }
  if (removed.size === 0 && nested.length === 0) return setFields(json, fields, values);
  const cuts = removed.size === 0 ? nested : [...cutsOf([...fields.values()], removed), ...nested];
  return setFields(json, fields, values, { cuts, topLevel: removed.size });
}
