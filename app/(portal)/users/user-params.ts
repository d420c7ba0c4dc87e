import { createLoader, createSerializer, parseAsStringLiteral } from "nuqs/server";
import { LIST_PARSERS, listQueryOf, parseAsUuid } from "../address-parsers";

const ROLES = ["admin", "org_admin", "member", "viewer"] as const;

/** What a payment can be filtered by: its status, or how soon an active one ends. */
const PAYMENTS = ["active", "ends_7", "ends_30", "expired", "none"] as const;

/** The query parameters of the list of users, for the page and its filters. */
export const userParsers = {
  ...LIST_PARSERS,
  organization: parseAsUuid,
  payment: parseAsStringLiteral(PAYMENTS),
  role: parseAsStringLiteral(ROLES),
};

export const loadUserParams = createLoader(userParsers);
export const usersHref = createSerializer(userParsers);

export type UserParams = Awaited<ReturnType<typeof loadUserParams>>;

/** The filter of the list in its address, as the service takes it. */
export function userFilterOf(params: UserParams) {
  const { search, metadata } = listQueryOf(params);
  return {
    search,
    metadata,
    organization_id: params.organization ?? undefined,
    role: params.role ?? undefined,
    ...paymentFilterOf(params.payment),
  };
}

function paymentFilterOf(payment: UserParams["payment"]) {
  switch (payment) {
    case null:
      return {};
    case "ends_7":
      return { payment_ends_within_days: 7 };
    case "ends_30":
      return { payment_ends_within_days: 30 };
    default:
      return { payment_status: payment };
  }
}
