import { ApiError } from "#lib/http/api-error";
import { DuplicateField, type FieldSpan, topLevelFields } from "./json-fields";
import { lenientName } from "./lenient-name";
import { isSnakeCase } from "./snake-case";

/** What a dialect reads: at the top level, and inside fields that are objects. */
export type FieldsRead = {
  isRead: (name: string) => boolean;
  inside: Readonly<Record<string, (name: string) => boolean>>;
};

/**
 * Finds the top-level fields of a body.
 * @param find finds them, and throws DuplicateField
 * @throws ApiError invalid_request for a field that occurs twice, or under a name that some providers read as
 * another: those written in Go take `Model` for `model`, whichever comes last
 */
export function unambiguousFields<Span extends FieldSpan>(
  json: string,
  read: FieldsRead,
  find: () => Map<string, Span>,
): Map<string, Span> {
  try {
    const fields = find();
    for (const name of fields.keys()) rejectAmbiguous(name, read.isRead);
    for (const [name, isRead] of Object.entries(read.inside)) {
      const span = fields.get(name);
      if (span === undefined || json[span.start] !== "{") continue;
      for (const inner of topLevelFields(json.slice(span.start, span.end)).keys()) {
        rejectAmbiguous(inner, isRead);
      }
    }
    return fields;
  } catch (error) {
    if (!(error instanceof DuplicateField)) throw error;
    throw new ApiError("invalid_request", error.message, { param: error.field });
  }
}

function rejectAmbiguous(name: string, isRead: (plain: string) => boolean): void {
  if (isSnakeCase(name)) return;
  const plain = lenientName(name);
  if (plain === null || plain === name || !isRead(plain)) return;
  const param = name.slice(0, 100);
  throw new ApiError(
    "invalid_request",
    `Some providers read the field "${param}" as "${plain}". Rename it to "${plain}".`,
    { param },
  );
}
