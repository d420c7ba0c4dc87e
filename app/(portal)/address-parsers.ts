import { createParser, parseAsBoolean } from "nuqs/server";

/* Parsers of query parameters. Invalid values are ignored. */

const text = (read: (value: string) => string | null) =>
  createParser({ parse: read, serialize: (value: string) => value });

const matching = (pattern: RegExp) => text((value) => (pattern.test(value) ? value : null));

const HEX_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

/** An id, of RFC 9562 as the service takes it. */
export const parseAsUuid = matching(
  /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i,
);

/** The cursor of a list in the order of creation (lib/services/created-page.ts). */
export const parseAsCursor = matching(new RegExp(`^\\d{1,17}_${HEX_UUID}$`));

/** The cursor of a list of numbered rows (lib/services/page.ts). */
export const parseAsNumberedCursor = matching(/^\d{1,15}$/);

/** The years that the service takes, with a day after the last one. */
const [FIRST_DAY, LAST_DAY] = ["1000-01-01", "9999-12-30"];

/** A UTC day of the calendar, YYYY-MM-DD. */
export const parseAsDay = text((value) => {
  const ms = /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(value) : Number.NaN;
  const isDay = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value);
  return isDay && value >= FIRST_DAY && value <= LAST_DAY ? value : null;
});

const CONTROL = /[\p{Cc}\p{Cs}]/u;
const MOST_IN_WORD = 200;

/** The name of something. */
export const parseAsWord = text((value) =>
  value.trim() === "" || value.length > MOST_IN_WORD || CONTROL.test(value) ? null : value,
);

const MOST_SEARCHED = 100;

/** A search text, without the characters that the service would reject. */
export const parseAsSearch = text((value) =>
  // Cut first, which may split a pair of surrogates.
  value
    .replace(/\p{Cc}/gu, "")
    .slice(0, MOST_SEARCHED)
    .replace(/\p{Cs}/gu, ""),
);

/** One pair of metadata (lib/services/metadata.ts), as `team=search`: names are not expected to contain "=". */
export const parseAsPair = createParser<MetadataPair>({
  parse: (text) => {
    const [name = "", value] = splitAt(text.trim(), "=");
    const isPair = /^[^\p{Cc}\p{Cs}]{1,40}$/u.test(name) && /^[^\p{Cc}\p{Cs}]{0,500}$/u.test(value ?? "");
    return value !== undefined && isPair ? { name, value } : null;
  },
  serialize: ({ name, value }) => `${name}=${value}`,
  eq: (a, b) => a.name === b.name && a.value === b.value,
});
export type MetadataPair = { name: string; value: string };

/** The pair as the lists of the service take it. */
export const metadataOf = (pair: MetadataPair | null): Record<string, string> | undefined =>
  pair === null ? undefined : { [pair.name]: pair.value };

function splitAt(text: string, sign: string): [string, string?] {
  const at = text.indexOf(sign);
  return at < 0 ? [text] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

/** What a list asks its service for, by what its address has. */
export const listQueryOf = ({
  q,
  metadata,
  cursor,
}: {
  q: string;
  metadata: MetadataPair | null;
  cursor: string | null;
}) => ({
  search: q || undefined,
  metadata: metadataOf(metadata),
  cursor: cursor ?? undefined,
});

/** What every list of the portal has in its address. */
export const LIST_PARSERS = {
  q: parseAsSearch.withDefault(""),
  metadata: parseAsPair,
  cursor: parseAsCursor,
  /** Opens the dialog that creates one. Other pages link to it. */
  new: parseAsBoolean.withDefault(false),
};
