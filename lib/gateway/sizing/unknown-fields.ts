import { isNote } from "#lib/dialects/bounds/metadata";
import { MOST_UNKNOWN_FIELDS } from "#lib/dialects/bounds/unknown-fields";
import type { Call } from "#lib/dialects/call";
import type { Model, Route } from "#lib/gateway/routing/routing";
import { ApiError } from "#lib/http/api-error";
import { hostOf } from "#lib/providers/host-of";

/** OpenAI keeps metadata for the client, and reads nothing in them. */
const READS_NO_NOTES = /(?:^|\.)openai\.com$/;

/**
 * The rejection of a field that neither Tollgate knows nor the administrator of one of the model's providers: a server
 * could read it as another model, a paid feature or another output bound, which nothing holds for. Under a hard budget
 * that is any such field; for all callers, a note that some servers read as a setting that changes the cost.
 * @param isLimited whether a hard budget or the allowance for outages limits its caller
 * @returns null if there is none
 */
export function unknownFieldRejection(
  { unknownFields }: Pick<Call, "unknownFields">,
  { routes }: Pick<Model, "routes">,
  dialect: string,
  isLimited: boolean,
): ApiError | null {
  if (unknownFields.length === 0) return null;
  // An in-process provider reads nothing else, and a translation leaves out what it does not know.
  const readers = routes.filter(
    ({ target, translation }) => target.exchange === null && translation === null,
  );
  const param = unknownFields.find((field, at) => {
    if (!isLimited && !isNote(field)) return false;
    return readers.some((route) => at === MOST_UNKNOWN_FIELDS || mayRead(route, dialect, field));
  });
  if (param === undefined) return null;
  return new ApiError("unsupported_parameter", isNote(param) ? aboutNote(param) : aboutField(param), {
    param,
    isDroppable: true,
  });
}

function mayRead({ target }: Route, dialect: string, field: string): boolean {
  if (isNote(field) && READS_NO_NOTES.test(hostOf(target.baseUrl))) return false;
  const allowed = target.wires.find((wire) => wire.dialect === dialect)?.extraFields ?? [];
  return !allowed.some((name) => field === name || field.startsWith(`${name}.`));
}

const aboutField = (param: string): string =>
  `Tollgate does not know '${param}', which may change what this request costs, so a caller with a hard budget cannot send it. Remove it, or ask an administrator to add it to the provider's extra_fields.`;

const aboutNote = (param: string): string =>
  `Some servers read '${param}' as a setting that changes what a request costs. Rename it, or ask an administrator to add it to the provider's extra_fields.`;
