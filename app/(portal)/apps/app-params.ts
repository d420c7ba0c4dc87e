import { createLoader, createSerializer } from "nuqs/server";
import { LIST_PARSERS, parseAsUuid } from "../address-parsers";

/** The query parameters of the list of apps, for the page and its filters. */
export const appParsers = {
  ...LIST_PARSERS,
  organization: parseAsUuid,
};

export const loadAppParams = createLoader(appParsers);
export const appsHref = createSerializer(appParsers);

export type AppParams = Awaited<ReturnType<typeof loadAppParams>>;
