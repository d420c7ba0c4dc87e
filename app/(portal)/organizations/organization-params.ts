import { createLoader, createSerializer, parseAsBoolean } from "nuqs/server";
import { parseAsCursor, parseAsPair, parseAsSearch } from "../address-parsers";

/** The query parameters of the list of organizations. */
const organizationParsers = {
  q: parseAsSearch.withDefault(""),
  metadata: parseAsPair,
  cursor: parseAsCursor,
  /** Opens the dialog that creates one. */
  new: parseAsBoolean.withDefault(false),
};

export const loadOrganizationParams = createLoader(organizationParsers);
export const organizationsHref = createSerializer(organizationParsers);

export type OrganizationParams = Awaited<ReturnType<typeof loadOrganizationParams>>;
