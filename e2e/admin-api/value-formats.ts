import { z } from "zod";

const MONEY = /^-?(0|[1-9]\d*)(\.\d*[1-9])?$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** The contract's formats of values, by field name. */
const FORMS: readonly [name: RegExp, form: RegExp][] = [
  [/_(usd|per_mtok|per_call)$/, MONEY],
  [/^(at|start|end|timestamp|last_updated)$|_at$/, INSTANT],
  [/^payment_valid_until$/, DAY],
];
/** Objects whose keys are data. */
const MAPS = new Set(["requests_by_provider", "metadata"]);

const Fields = z.record(z.string(), z.unknown());

/** The field names, money, times and days of a response that do not have the contract's format. */
export function malformed(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => malformed(item, `${path}.${index}`));
  const fields = Fields.safeParse(value);
  if (!fields.success) return [];
  return Object.entries(fields.data).flatMap(([name, field]) => {
    if (MAPS.has(name)) return [];
    const here = `${path}.${name}`;
    const isNamedWell = /^[a-z][a-z0-9_]*$/.test(name);
    const form = FORMS.find(([pattern]) => pattern.test(name))?.[1];
    const isFormed = form === undefined || field === null || (typeof field === "string" && form.test(field));
    return [
      ...(isNamedWell ? [] : [`${here} is not snake_case`]),
      ...(isFormed ? [] : [`${here} is ${JSON.stringify(field)}`]),
      ...malformed(field, here),
    ];
  });
}
