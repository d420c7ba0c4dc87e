import { cutsOf, setFields, topLevelFields } from "#lib/dialects/text/json-fields";
import type { PassedHeaders } from "#lib/providers/passed-headers";
import type { Wire } from "#lib/providers/wire";

const NONE = {};

/**
 * A body as a wire takes it: without the fields that its URL has, and with those that it has instead of headers. All
 * else stays as it is, byte for byte.
 */
export function bodyFor(
  { fieldsInPath }: Pick<Wire, "fieldsInPath">,
  json: string,
  { fields: added }: Pick<PassedHeaders, "fields">,
): string {
  if (fieldsInPath === undefined && added === undefined) return json;
  const fields = topLevelFields(json);
  const removed = new Set((fieldsInPath ?? []).flatMap((name) => fields.get(name) ?? []));
  const cuts = cutsOf([...fields.values()], removed);
  return setFields(json, fields, added ?? NONE, { cuts, topLevel: removed.size });
}
