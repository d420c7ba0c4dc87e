import { z } from "zod";

const NO_CONTROLS = /^[^\p{Cc}]*$/u;

/** What people call a thing. */
export const nameField = z
  .string()
  .trim()
  .min(1, "Give a name.")
  .max(80, "At most 80 characters.")
  .regex(NO_CONTROLS, "Only characters that can be seen.");

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
export const dateField = z.iso.date("Give a date, like 2026-01-31.");
