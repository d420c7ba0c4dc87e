import type { FieldSpan } from "#lib/dialects/text/json-fields";
import { skipSpace } from "#lib/dialects/text/json-scan";
import { charactersOfNumber } from "#lib/dialects/text/written-out";
import { isKnownScalar, isKnownSettings, isKnownValue } from "./known-fields";
import { paramOf } from "./param-of";
import { isTemplateSwitch } from "./template-arguments";
import { unsupportedField } from "./unsupported-fields";

/** What a body has that Tollgate does not know, where a server may use it as a variable of a chat template. */
export type Unknown = {
  /** The first such field whose value is a list, an object or a long text, so that nothing bounds what is made of it. */
  param: string | null;
  /** Bytes of the others: a template may write them with each message. */
  scalarBytes: number;
};

const MOST_SCALAR_BYTES = 64;
const QUOTES = 2;

/** Notes a field that no table of Tollgate has. */
export function noteUnknown(
  unknown: { -readonly [Key in keyof Unknown]: Unknown[Key] },
  json: string,
  path: readonly string[],
  plain: string,
  { start, end }: FieldSpan,
): void {
  const first = json[start];
  if (first === "t" || first === "f" || first === "n") return;
  if (isKnownValue(plain) || unsupportedField(plain) !== undefined) return;
  if (first === "{" || first === "[") {
    const isEmpty = skipSpace(json, start + 1) === end - 1;
    if (!isEmpty && !(first === "{" && isKnownSettings(plain))) unknown.param ??= paramOf(path);
    return;
  }
  const bytes = end - start > MOST_SCALAR_BYTES + QUOTES ? Infinity : scalarBytes(json.slice(start, end));
  if (bytes > MOST_SCALAR_BYTES) unknown.param ??= paramOf(path);
  else if (!isKnownScalar(plain) && !isTemplateSwitch(path.at(-1) ?? "")) unknown.scalarBytes += bytes;
}

/** Numbers may be written with all their digits. */
const scalarBytes = (written: string): number => {
  if (written.startsWith('"')) return Buffer.byteLength(written) - QUOTES;
  return /[eE]/.test(written) ? charactersOfNumber(written) : written.length;
};
