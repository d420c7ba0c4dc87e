import { createLoader, createSerializer } from "nuqs/server";
import { LIST_PARSERS } from "../address-parsers";

/** The query parameters of the list of organizations. */
export const loadOrganizationParams = createLoader(LIST_PARSERS);
export const organizationsHref = createSerializer(LIST_PARSERS);

export type OrganizationParams = Awaited<ReturnType<typeof loadOrganizationParams>>;
