import { createLoader, createSerializer, parseAsBoolean } from "nuqs/server";
import { parseAsCursor } from "../address-parsers";

/** The query parameters of the list of providers. */
const providerParsers = {
  cursor: parseAsCursor,
  /** Opens the dialog that adds one. */
  new: parseAsBoolean.withDefault(false),
};

export const loadProviderParams = createLoader(providerParsers);
export const providersHref = createSerializer(providerParsers);

export type ProviderParams = Awaited<ReturnType<typeof loadProviderParams>>;
