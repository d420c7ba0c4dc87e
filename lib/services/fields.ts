import { z } from "zod";
import { notFoundMessage } from "#lib/http/errors";

/** Neither control characters nor halves of a surrogate pair, which PostgreSQL cannot keep. */
const VISIBLE = /^[^\p{Cc}\p{Cs}]*$/u;

/** What people call a thing. */
export const nameField = z
  .string()
  .trim()
  .min(1, "Give a name.")
  .max(80, "At most 80 characters.")
  .regex(VISIBLE, "Only characters that can be seen.")
  .meta({ examples: ["Support"] });

/** Words on one line, at most so many characters; empty ones too. */
export const textField = (most: number) =>
  z
    .string()
    .trim()
    .max(most, `At most ${most} characters.`)
    .regex(VISIBLE, "Only characters that can be seen.");

/** The id in a path. One that cannot be any is answered as one that is not there (parse-input.ts). */
export const idField = (noun: string) => z.uuid(notFoundMessage(noun));

/** US dollars as the contract writes them, not negative: "12.5", up to 12 decimals. */
export const usdField = z
  .string()
  .regex(/^\d{1,15}(\.\d{1,12})?$/, 'Give US dollars as a decimal string, like "12.5".')
  .meta({ examples: ["12.5"] });

/** The same, of either sign. */
export const signedUsdField = z
  .string()
  .regex(/^-?\d{1,15}(\.\d{1,12})?$/, 'Give US dollars as a decimal string, like "-12.5".')
  .meta({ examples: ["-2.5"] });

/** A point in time, ISO 8601; answers are in UTC. */
export const instantField = z.iso.datetime({
  offset: true,
  error: "Give a time, like 2026-01-31T12:00:00Z.",
});

/** A UTC day. */
export const dateField = z.iso
  .date("Give a date, like 2026-01-31.")
  // PostgreSQL's calendar has no year 0.
  .refine((date) => !date.startsWith("0000"), "Give a date, like 2026-01-31.");

/** How long a secret that is rotated away goes on working: 30 days at most. */
export const graceField = z
  .int()
  .min(0)
  .max(2_592_000, "At most 30 days.")
  .default(0)
  .describe("Seconds during which the old one works too.");

/** A point in time, or a UTC day, which stands for its beginning. */
export const momentField = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: "Give a time, like 2026-01-31T12:00:00Z, or a date.",
  })
  // What PostgreSQL and JavaScript write alike.
  .refine((text) => isFourDigitYear(new Date(text).getUTCFullYear()), "This year is out of range.");

const isFourDigitYear = (year: number) => year >= 1 && year <= 9999;
