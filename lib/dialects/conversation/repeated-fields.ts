import { invalidField } from "#lib/dialects/errors/invalid-field";
import { fieldsIn } from "#lib/dialects/text/fields-in";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { ScannedField } from "#lib/dialects/text/scan-object";

/**
 * Rejects a body in which an object within one of these fields has a field twice, of which some servers read the first
 * and others the last: then the text has more fields than what was parsed from it.
 * @throws ApiError invalid_request
 */
export function rejectRepeatedFields(
  fields: ReadonlyMap<string, ScannedField>,
  body: JsonObject,
  names: readonly string[],
): void {
  for (const name of names) {
    const field = fields.get(name);
    if (field !== undefined && field.written > fieldsIn(body[name]))
      throw invalidField(name, "has an object with a field that occurs twice");
  }
}
