import { createLoader, createSerializer, parseAsBoolean } from "nuqs/server";
import { parseAsCursor, parseAsSearch } from "../address-parsers";

/** The state of the list of organizations, which lives in its address. */
const organizationParsers = {
  q: parseAsSearch.withDefault(""),
  cursor: parseAsCursor,
  /** Opens the dialog for a new one. */
  new: parseAsBoolean.withDefault(false),
};

export const loadOrganizationParams = createLoader(organizationParsers);
export const organizationsHref = createSerializer(organizationParsers);

export type OrganizationParams = Awaited<ReturnType<typeof loadOrganizationParams>>;
