import { createLoader, createSerializer, parseAsStringLiteral } from "nuqs/server";
import { LIST_PARSERS, parseAsUuid } from "../address-parsers";

export const KEY_STATUSES = ["all", "active", "expired", "revoked"] as const;

/** The query parameters of the list of keys. */
const keyParsers = {
  status: parseAsStringLiteral(KEY_STATUSES).withDefault("all"),
  ...LIST_PARSERS,
  /** Set by links from the page of an organization or a user. */
  organization: parseAsUuid,
  user: parseAsUuid,
};

export const loadKeyParams = createLoader(keyParsers);
export const keysHref = createSerializer(keyParsers);

export type KeyParams = Awaited<ReturnType<typeof loadKeyParams>>;
