import { createLoader, createSerializer, parseAsBoolean } from "nuqs/server";
import { parseAsCursor, parseAsPair, parseAsSearch, parseAsUuid } from "../address-parsers";

/** The query parameters of the list of apps, for the page and its filters. */
export const appParsers = {
  q: parseAsSearch.withDefault(""),
  organization: parseAsUuid,
  metadata: parseAsPair,
  cursor: parseAsCursor,
  /** Opens the dialog that creates one. */
  new: parseAsBoolean.withDefault(false),
};

export const loadAppParams = createLoader(appParsers);
export const appsHref = createSerializer(appParsers);

export type AppParams = Awaited<ReturnType<typeof loadAppParams>>;
