import {
  createLoader,
  createSerializer,
  parseAsBoolean,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs/server";

export const KEY_STATUSES = ["all", "active", "expired", "revoked"] as const;

/** The state of the list of keys, which lives in its address. */
export const keyParsers = {
  status: parseAsStringLiteral(KEY_STATUSES).withDefault("all"),
  q: parseAsString.withDefault(""),
  cursor: parseAsString,
  /** Opens the dialog for a new key: what other pages link to. */
  new: parseAsBoolean.withDefault(false),
};

export const loadKeyParams = createLoader(keyParsers);
export const keysHref = createSerializer(keyParsers);
