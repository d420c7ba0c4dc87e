import { createParser } from "nuqs/server";

/* Parsers of query parameters. Invalid values are ignored. */

const text = (read: (value: string) => string | null) =>
  createParser({ parse: read, serialize: (value: string) => value });

const matching = (pattern: RegExp) => text((value) => (pattern.test(value) ? value : null));

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

export const parseAsUuid = matching(new RegExp(`^${UUID}$`, "i"));

/** The cursor of a list in the order of creation (lib/services/created-page.ts). */
export const parseAsCursor = matching(new RegExp(`^\\d{1,17}_${UUID}$`));

/** A UTC day of the calendar, YYYY-MM-DD. */
export const parseAsDay = text((value) => {
  const ms = /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(value) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value) ? value : null;
});

const MOST_SEARCHED = 100;

/** A search text, without the control characters that the service would reject. */
export const parseAsSearch = text((value) => value.replace(/[\p{Cc}\p{Cs}]/gu, "").slice(0, MOST_SEARCHED));
