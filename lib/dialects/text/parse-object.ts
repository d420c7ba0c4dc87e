import { ApiError } from "#lib/http/api-error";
import type { JsonLimits } from "#lib/http/json-cost";
import { HARMLESS_CHARACTERS, MOST_JSON, rejectCostlyJson } from "./json-cost";
import { DuplicateField, fieldAt, isObject, type JsonObject } from "./json-fields";
import { keepBody } from "./parsed-object";
import { type ScannedField, scanObject } from "./scan-object";
import { type FieldsRead, unambiguousFields } from "./unambiguous-fields";

/**
 * Parses a body that must be a JSON object.
 * @throws ApiError invalid_request
 */
export function parseObject(json: string): JsonObject {
  rejectCostlyJson(json);
  return parsed(json);
}

/** Any depth is harmless in a short text. */
const HARMLESS: JsonLimits = { values: HARMLESS_CHARACTERS, depth: HARMLESS_CHARACTERS };

/**
 * The same with the body's top-level fields, by one scan.
 * @throws ApiError invalid_request, as unambiguousFields does, too
 */
export function parseBody(
  json: string,
  read: FieldsRead,
): { body: JsonObject; fields: ReadonlyMap<string, ScannedField> } {
  const scanned = scanObject(json, json.length > HARMLESS_CHARACTERS ? MOST_JSON : HARMLESS);
  const body = parsed(json);
  const fields = unambiguousFields(json, read, () => namedFields(json, scanned));
  keepBody(json, fields, body);
  return { body, fields };
}

/** @throws DuplicateField */
function namedFields(json: string, scanned: readonly ScannedField[]): Map<string, ScannedField> {
  const fields = new Map<string, ScannedField>();
  for (const field of scanned) {
    const { name } = fieldAt(json, field.name);
    if (fields.has(name)) throw new DuplicateField(name);
    fields.set(name, field);
  }
  return fields;
}

function parsed(json: string): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch {
    throw new ApiError("invalid_request", "The request body is not valid JSON.");
  }
  if (isObject(body)) return body;
  throw new ApiError("invalid_request", "The request body must be a JSON object.");
}
