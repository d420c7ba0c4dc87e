import { type AnyColumn, and, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Metadata } from "#lib/db/schema/columns";

export type { Metadata };

const MOST_PAIRS = 50;
const LONGEST_NAME = 40;
const LONGEST_VALUE = 500;

/** No control characters or unpaired surrogates, nor spaces at either end, with which two names would look the same. */
const NAME = /^(?! )[^\p{Cc}\p{Cs}]+(?<! )$/u;
const VALUE = /^[^\p{Cc}\p{Cs}]*$/u;

const nameOfPair = z.string().min(1).max(LONGEST_NAME).regex(NAME);
const valueOfPair = z
  .string("Must be a string.")
  .max(LONGEST_VALUE, `At most ${LONGEST_VALUE} characters.`)
  .regex(VALUE, "Use printable characters only.");

const pairs = z
  .record(nameOfPair, valueOfPair, {
    error: ({ code }) =>
      code === "invalid_key"
        ? `Names have 1 to ${LONGEST_NAME} printable characters, without spaces at either end.`
        : "Must be an object of texts.",
  })
  .refine((each) => Object.keys(each).length <= MOST_PAIRS, `At most ${MOST_PAIRS} pairs.`);

/** Metadata in an answer: without the patterns of an input, which clients in other languages read otherwise. */
export const shownMetadata = z.record(z.string(), z.string());

/** The metadata of an organization, user, key or app in an input. */
export const metadataField = pairs
  .describe(
    "Up to 50 pairs of a name and a text, such as a team or a cost centre. An update replaces all of them. A request's row has its caller's at that time: a key's or app's pairs take precedence over its user's, and those over its organization's.",
  )
  .meta({ maxProperties: MOST_PAIRS, examples: [{ team: "search", cost_center: "4711" }] });

/** The filter of a list: `?metadata[team]=search`. */
export const metadataFilter = pairs
  .optional()
  .describe("Only with these pairs: `metadata[team]=search`.")
  .meta({ param: { style: "deepObject", explode: true } });

/** The condition that a row has these pairs; undefined without any. By the partial index of the column. */
export function hasMetadata(column: AnyColumn, wanted: Metadata | undefined): SQL | undefined {
  if (wanted === undefined || Object.keys(wanted).length === 0) return undefined;
  return and(sql`${column} @> ${JSON.stringify(wanted)}::jsonb`, sql`${column} <> '{}'`);
}

/** The name of a pair in a grouping by it: `metadata:team`. */
export const metadataName = nameOfPair;
