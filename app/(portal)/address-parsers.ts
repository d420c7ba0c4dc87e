import { createParser } from "nuqs/server";

/* What addresses may say; anything else is left out rather than refused. */

const text = (read: (value: string) => string | null) =>
  createParser({ parse: read, serialize: (value: string) => value });

const matching = (pattern: RegExp) => text((value) => (pattern.test(value) ? value : null));

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

export const parseAsUuid = matching(new RegExp(`^${UUID}$`, "i"));

/** Where a list in the order of creation goes on (lib/services/created-page.ts). */
export const parseAsCursor = matching(new RegExp(`^\\d{1,17}_${UUID}$`));

/** A UTC day of the calendar, YYYY-MM-DD. */
export const parseAsDay = text((value) => {
  const ms = /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(value) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value) ? value : null;
});

const MOST_SEARCHED = 100;

/** What is searched for: what the service would refuse, such as control characters, is left out of it. */
export const parseAsSearch = text((value) => value.replace(/[\p{Cc}\p{Cs}]/gu, "").slice(0, MOST_SEARCHED));
