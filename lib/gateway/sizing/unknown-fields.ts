import { MOST_UNKNOWN_FIELDS } from "#lib/dialects/bounds/unknown-fields";
import type { Call } from "#lib/dialects/call";
import type { Model } from "#lib/gateway/routing/routing";
import { ApiError } from "#lib/http/api-error";

/**
 * The first field of a call that neither Tollgate knows nor the administrator of one of its providers: a server could
 * read it as another model, a paid feature or another output bound, which nothing holds for.
 * @returns null if there is none
 */
export function unknownFieldOf(
  { unknownFields }: Pick<Call, "unknownFields">,
  { routes }: Pick<Model, "routes">,
  dialect: string,
): string | null {
  if (unknownFields.length === 0) return null;
  const allowed = routes.map(
    ({ target }) => target.wires.find((wire) => wire.dialect === dialect)?.extraFields ?? [],
  );
  const isAllowed = (field: string) =>
    allowed.every((names) => names.some((name) => field === name || field.startsWith(`${name}.`)));
  return unknownFields.find((field, at) => at === MOST_UNKNOWN_FIELDS || !isAllowed(field)) ?? null;
}

/** The rejection under a hard budget. */
export const unknownField = (param: string): ApiError =>
  new ApiError(
    "unsupported_parameter",
    `Tollgate does not know '${param}', which may change what this request costs, so a caller with a hard budget cannot send it. Remove it, or ask an administrator to add it to the provider's extra_fields.`,
    { param },
  );
