import { z } from "zod";
import { notFoundMessage } from "#lib/http/errors";

/** No control characters, and no unpaired surrogates, which PostgreSQL cannot store. */
const VISIBLE = /^[^\p{Cc}\p{Cs}]*$/u;

/** A display name. */
export const nameField = z
  .string()
  .trim()
  .min(1, "Enter a name.")
  .max(80, "At most 80 characters.")
  .regex(VISIBLE, "Use printable characters only.")
  .meta({ examples: ["Support"] });

/** One line of text, which may be empty. */
export const textField = (maxLength: number) =>
  z
    .string()
    .trim()
    .max(maxLength, `At most ${maxLength} characters.`)
    .regex(VISIBLE, "Use printable characters only.");

/** The id in a path. A malformed one is "not found", like an unknown one (parse-input.ts). */
export const idField = (noun: string) => z.uuid(notFoundMessage(noun));

/** The same for what may be an id or another name in a path. */
export const pathNameField = (noun: string, maxLength: number) =>
  z.string().min(1, notFoundMessage(noun)).max(maxLength, notFoundMessage(noun));

/** US dollars as a decimal string of up to 12 decimals, not negative: "12.5". */
export const usdField = z
  .string()
  .regex(/^\d{1,15}(\.\d{1,12})?$/, 'Enter US dollars as a decimal string, like "12.5".')
  .meta({ examples: ["12.5"] });

/** The same, positive or negative. */
export const signedUsdField = z
  .string()
  .regex(/^-?\d{1,15}(\.\d{1,12})?$/, 'Enter US dollars as a decimal string, like "-12.5".')
  .meta({ examples: ["-2.5"] });

const YEAR_OUT_OF_RANGE = "Enter a year from 1000 to 9999.";

/**
 * Whether a time is in the years, in UTC, that PostgreSQL and JavaScript write the same: JavaScript reads PostgreSQL's
 * year 0001 as 2001. True for what is no time.
 */
const isInCommonYears = (text: string): boolean => {
  const year = new Date(text).getUTCFullYear();
  return !(year < 1000 || year > 9999);
};

/** A time in ISO 8601, of the years 1000 to 9999 in UTC. Kept to the millisecond; responses have it in UTC. */
export const instantField = z.iso
  .datetime({ offset: true, error: "Enter a time like 2026-01-31T12:00:00Z." })
  .refine(isInCommonYears, YEAR_OUT_OF_RANGE);

/** A UTC day. */
export const dateField = z.iso
  .date("Enter a date like 2026-01-31.")
  // PostgreSQL has no year 0.
  .refine((date) => !date.startsWith("0000"), "Enter a date like 2026-01-31.");

/** How long the old secret works after a rotation. */
export const graceField = z
  .int()
  .min(0)
  .max(2_592_000, "At most 30 days.")
  .default(0)
  .describe("Seconds for which the old secret still works.");

/** A time, or a UTC day, which means its start. */
export const momentField = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: "Enter a time like 2026-01-31T12:00:00Z or a date.",
  })
  .refine(isInCommonYears, YEAR_OUT_OF_RANGE);
