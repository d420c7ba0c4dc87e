import { createLoader, createSerializer, parseAsBoolean, parseAsStringLiteral } from "nuqs/server";
import { parseAsCursor, parseAsPair, parseAsSearch, parseAsUuid } from "../address-parsers";

export const KEY_STATUSES = ["all", "active", "expired", "revoked"] as const;

/** The query parameters of the list of keys. */
const keyParsers = {
  status: parseAsStringLiteral(KEY_STATUSES).withDefault("all"),
  q: parseAsSearch.withDefault(""),
  /** Set by links from the page of an organization or a user. */
  organization: parseAsUuid,
  user: parseAsUuid,
  metadata: parseAsPair,
  cursor: parseAsCursor,
  /** Opens the dialog that creates a key. Other pages link to it. */
  new: parseAsBoolean.withDefault(false),
};

export const loadKeyParams = createLoader(keyParsers);
export const keysHref = createSerializer(keyParsers);

export type KeyParams = Awaited<ReturnType<typeof loadKeyParams>>;
