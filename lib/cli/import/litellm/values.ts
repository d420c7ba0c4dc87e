import { formatDecimal, parseDecimal } from "#lib/cli/reconcile/decimal";

/** What one entry, or a setting, cannot be moved for. */
export class NotMovable extends Error {
  override name = "NotMovable";
}

export type Fields = Readonly<Record<string, unknown>>;

/** An object's fields; none for anything else. */
export function fieldsIn(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

/** Whether a field says nothing: an empty list or object in the key table, null, or an empty cell of CSV. */
export const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);

/** @throws NotMovable for what is no text */
export function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (isEmpty(value)) return undefined;
  if (typeof value === "string") return value;
  throw new NotMovable(`${name} must be a text.`);
}

/** The first positive number of these fields, which may be written as a text. @throws NotMovable */
export function numberIn(fields: Fields, ...names: readonly string[]): number | undefined {
  const name = names.find((each) => !isEmpty(fields[each]));
  if (name === undefined) return undefined;
  const value = fields[name];
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number) && number >= 0) return number;
  throw new NotMovable(`${name} must be a number, not negative.`);
}

/** A positive whole number. @throws NotMovable */
export function countIn(fields: Fields, name: string): number | undefined {
  const number = numberIn(fields, name);
  if (number === undefined || (Number.isInteger(number) && number > 0)) return number;
  throw new NotMovable(`${name} must be a whole number, at least 1.`);
}

/** US dollars, times a power of ten, without the rounding of floating-point numbers. */
export function usdOf(dollars: number, powerOfTen = 0): string {
  const value = parseDecimal(String(dollars));
  if (value === null) throw new NotMovable(`${dollars} is not an amount of US dollars.`);
  return formatDecimal(value * 10n ** BigInt(powerOfTen));
}

/** Without the fields that are undefined. */
export const given = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
