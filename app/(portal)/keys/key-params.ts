import { createLoader, createSerializer, parseAsBoolean, parseAsStringLiteral } from "nuqs/server";
import { parseAsCursor, parseAsSearch, parseAsUuid } from "../address-parsers";

export const KEY_STATUSES = ["all", "active", "expired", "revoked"] as const;

/** The state of the list of keys, which lives in its address. */
const keyParsers = {
  status: parseAsStringLiteral(KEY_STATUSES).withDefault("all"),
  q: parseAsSearch.withDefault(""),
  /** Set by links from an organization's or a user's page. */
  organization: parseAsUuid,
  user: parseAsUuid,
  cursor: parseAsCursor,
  /** Opens the dialog for a new key: what other pages link to. */
  new: parseAsBoolean.withDefault(false),
};

export const loadKeyParams = createLoader(keyParsers);
export const keysHref = createSerializer(keyParsers);

export type KeyParams = Awaited<ReturnType<typeof loadKeyParams>>;
