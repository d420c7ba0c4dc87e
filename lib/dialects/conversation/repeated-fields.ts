import { fieldsIn } from "#lib/dialects/text/fields-in";
import type { ScannedField } from "#lib/dialects/text/scan-object";

/**
 * Whether an object within a field's value has a field twice, of which some servers read the first and others the last:
 * then the text has more fields than what was parsed from it.
 * @param value what was parsed from the field
 */
export const hasRepeatedFields = (field: ScannedField | undefined, value: unknown): boolean =>
  field !== undefined && field.written > fieldsIn(value);
