import type { FieldSpan } from "#lib/dialects/text/json-fields";
import { skipSpace } from "#lib/dialects/text/json-scan";
import { charactersOfNumber } from "#lib/dialects/text/written-out";
import { isKnownFlag, isKnownScalar, isKnownSettings, isKnownValue, isKnownWritten } from "./known-fields";
import { paramOf } from "./param-of";
import { isTemplateSwitch } from "./template-arguments";
import { unsupportedField } from "./unsupported-fields";

/**
 * What a body has that Tollgate does not know: a server may use it as a variable of a chat template, or read it as what
 * chooses another model, a paid feature or another bound.
 */
export type Unknown = {
  /** All such fields, up to one more than `MOST_UNKNOWN_FIELDS`; empty values and switches that are off are none. */
  fields: readonly string[];
  /** The first such field whose value is a list, an object or a long text, so that nothing bounds what is made of it. */
  param: string | null;
  /** Bytes of the others: a template may write them with each message. */
  scalarBytes: number;
};

/** How many fields are told apart. */
export const MOST_UNKNOWN_FIELDS = 20;

/** While it is read. */
export type UnknownReading = {
  fields: string[];
  /** How deep the last of them is. */
  lastDepth: number;
  param: string | null;
  scalarBytes: number;
};

const MOST_SCALAR_BYTES = 64;
const QUOTES = 2;

/** Notes a field that no table of Tollgate has. */
export function noteUnknown(
  unknown: UnknownReading,
  json: string,
  path: readonly string[],
  plain: string,
  { start, end }: FieldSpan,
): void {
  const first = json[start];
  if (first === "f" || first === "n") return;
  if (isKnownValue(plain) || unsupportedField(plain) !== undefined) return;
  const isKnownHere = isKnownScalar(plain) || isTemplateSwitch(path.at(-1) ?? "");
  const isHeldFor = isKnownHere || isKnownWritten(plain);
  if (first === "t") {
    if (!isHeldFor && !isKnownFlag(plain)) noteField(unknown, path);
    return;
  }
  if (first === "{" || first === "[") {
    const isEmpty = skipSpace(json, start + 1) === end - 1;
    if (isEmpty || (first === "{" && isKnownSettings(plain))) return;
    unknown.param ??= paramOf(path);
    if (!isHeldFor) noteField(unknown, path);
    return;
  }
  const bytes = end - start > MOST_SCALAR_BYTES + QUOTES ? Infinity : scalarBytes(json.slice(start, end));
  if (bytes > MOST_SCALAR_BYTES) unknown.param ??= paramOf(path);
  else if (!isKnownHere) unknown.scalarBytes += bytes;
  if (!isHeldFor) noteField(unknown, path);
}

/** Notes a field in place of those in it, which were read before it. */
export function noteField(unknown: UnknownReading, path: readonly string[]): void {
  const { fields, lastDepth } = unknown;
  // There are enough, and none of them is in this one: its name need not be made.
  if (fields.length > MOST_UNKNOWN_FIELDS && path.length >= lastDepth) return;
  const param = paramOf(path);
  while (fields.at(-1)?.startsWith(`${param}.`)) fields.pop();
  if (fields.length > MOST_UNKNOWN_FIELDS) return;
  fields.push(param);
  unknown.lastDepth = path.length;
}

/** Numbers may be written with all their digits. */
const scalarBytes = (written: string): number => {
  if (written.startsWith('"')) return Buffer.byteLength(written) - QUOTES;
  return /[eE]/.test(written) ? charactersOfNumber(written) : written.length;
};
