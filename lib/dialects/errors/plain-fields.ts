import { plainName } from "#lib/dialects/bounds/plain-name";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

/** Of an error's fields, more are of no interest. */
const MOST_FIELDS = 100;

/** An object's fields without case and separators in their names: `Error`, `error_code` and `errorCode` are one each. */
export function plainFields(object: JsonObject): JsonObject {
  const fields: Record<string, unknown> = Object.create(null);
  let read = 0;
  for (const name of Object.keys(object)) {
    fields[plainName(name)] ??= object[name];
    read += 1;
    if (read === MOST_FIELDS) break;
  }
  return fields;
}

/** What holds an error instead of reporting it: Tencent's `Response`, Volcengine's `ResponseMetadata`, iFlytek's `header`. */
const WRAPPERS = [
  "response",
  "responsemetadata",
  "data",
  "result",
  "body",
  "output",
  "header",
  "detail",
  "status",
  "errormsg",
];

/** The objects that may hold an error. */
export const wrappedIn = (fields: JsonObject): JsonObject[] =>
  WRAPPERS.map((name) => fields[name]).filter(isObject);

/** Whether a field says something: `{}`, `""`, `[]`, `false` and `0` are how some say that there is no error. */
export function isSomething(value: unknown): boolean {
  if (!value) return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== "object" || Object.values(value).some((field) => field !== null && field !== "");
}
