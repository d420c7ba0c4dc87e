import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { keptIn } from "#lib/dialects/text/kept-numbers";
import { parsedValue } from "#lib/dialects/text/parsed-object";
import type { Delta, Reader } from "#lib/translation/delta";

/** Says that what a stream has sent is no event, or an error. */
export function addFault(payload: string, value: unknown, out: Delta[]): void {
  if (isObject(value)) out.push({ kind: "error", detail: value.error ?? value });
  else if (value !== null) out.push({ kind: "error", detail: { message: payload } });
}

/** Of a call in messages; in responses they are texts. */
const ARGUMENTS = keptIn("input");

/** Reads the events of a stream that have their type in their payload. */
export const readTyped =
  (read: (event: JsonObject, out: Delta[]) => void): Reader["event"] =>
  (payload, name, out) => {
    if (payload === "[DONE]") return;
    const event = parsedValue(payload, ARGUMENTS);
    if (isObject(event) && typeof event.type === "string" && name !== "error") read(event, out);
    else addFault(payload, event, out);
  };
