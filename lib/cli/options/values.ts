import { InvalidArgumentError } from "@commander-js/extra-typings";
import { z } from "zod";

/*
 * Parsers of option values. Money stays text on its way to the API, which checks the rest.
 */

/** US dollars: "12.5", and "$12.5" as people write it. */
export function usdValue(text: string): string {
  const amount = text.replace(/^\$/, "");
  if (!/^\d{1,15}(\.\d{1,12})?$/.test(amount))
    throw new InvalidArgumentError("Must be US dollars, like 12.5.");
  return amount;
}

export const wholeNumber =
  (least: number, most: number = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Must be a whole number ${range}.`);
  };

/** A UTC day. */
export function dateValue(text: string): string {
  if (!z.iso.date().safeParse(text).success)
    throw new InvalidArgumentError("Must be a day, like 2026-12-31.");
  return text;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A duration in seconds: "90", "90s", "15m", "24h", "30d". */
export function secondsValue(text: string): number {
  const [, amount, unit = "s"] = /^(\d{1,9})([smhd])?$/.exec(text) ?? [];
  const factor = SECONDS[unit];
  if (amount === undefined || factor === undefined) {
    throw new InvalidArgumentError("Must be a duration, like 15m, 24h or 30d.");
  }
  return Number(amount) * factor;
}

/** A point in time: an instant, a day (its end in UTC), or a duration from now ("30d"). */
export function instantValue(text: string): string {
  if (/^\d+[smhd]$/.test(text)) return new Date(Date.now() + secondsValue(text) * 1000).toISOString();
  const instant = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T23:59:59.999Z` : text;
  if (!/^\d{4}-\d\d-\d\dT/.test(instant) || Number.isNaN(Date.parse(instant))) {
    throw new InvalidArgumentError("Must be a time, like 2026-12-31, 2026-12-31T12:00:00Z or 30d.");
  }
  return new Date(instant).toISOString();
}

/** For options that may be given several times. */
export const collected = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];

/** A JSON object. */
export function jsonValue(text: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    throw new InvalidArgumentError(`Must be a JSON object, like '{"name": "value"}'.`);
  }
}

/** A JSON object, or a list of them. */
export function jsonValues(text: string): Record<string, unknown>[] {
  try {
    const read: unknown = JSON.parse(text);
    return z
      .array(z.record(z.string(), z.unknown()))
      .min(1)
      .parse(Array.isArray(read) ? read : [read]);
  } catch {
    throw new InvalidArgumentError(`Must be a JSON object, like '{"name": "value"}', or a list of them.`);
  }
}
