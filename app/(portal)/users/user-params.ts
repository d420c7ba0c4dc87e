import { createLoader, createSerializer, parseAsBoolean, parseAsStringLiteral } from "nuqs/server";
import { parseAsCursor, parseAsPair, parseAsSearch, parseAsUuid } from "../address-parsers";

const ROLES = ["admin", "org_admin", "member", "viewer"] as const;
const PAYMENT_STATUSES = ["active", "expired", "none"] as const;

/** The query parameters of the list of users, for the page and its filters. */
export const userParsers = {
  q: parseAsSearch.withDefault(""),
  organization: parseAsUuid,
  payment: parseAsStringLiteral(PAYMENT_STATUSES),
  role: parseAsStringLiteral(ROLES),
  metadata: parseAsPair,
  cursor: parseAsCursor,
  /** Opens the dialog that creates one. */
  new: parseAsBoolean.withDefault(false),
};

export const loadUserParams = createLoader(userParsers);
export const usersHref = createSerializer(userParsers);

export type UserParams = Awaited<ReturnType<typeof loadUserParams>>;
