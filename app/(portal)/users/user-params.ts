import { createLoader, createSerializer, parseAsStringLiteral } from "nuqs/server";
import { LIST_PARSERS, parseAsUuid } from "../address-parsers";

const ROLES = ["admin", "org_admin", "member", "viewer"] as const;
const PAYMENT_STATUSES = ["active", "expired", "none"] as const;

/** The query parameters of the list of users, for the page and its filters. */
export const userParsers = {
  ...LIST_PARSERS,
  organization: parseAsUuid,
  payment: parseAsStringLiteral(PAYMENT_STATUSES),
  role: parseAsStringLiteral(ROLES),
};

export const loadUserParams = createLoader(userParsers);
export const usersHref = createSerializer(userParsers);

export type UserParams = Awaited<ReturnType<typeof loadUserParams>>;
