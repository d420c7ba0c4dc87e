"use client";

import { OrganizationFilter } from "#components/filters/organization-filter";
import type { OrganizationChoice } from "#lib/portal/organizations/organization-choices";
import { parseAsCursor, parseAsUuid } from "./address-parsers";
import { useAddress } from "./use-address";

const PARSERS = { organization: parseAsUuid, cursor: parseAsCursor };

/** What the filters of a list take: the first organizations by name, with the current one. */
export type OrganizationChoices = { organizations: readonly OrganizationChoice[] };

/** Filters a list by organization, as `?organization=` in the address. */
export function OrganizationInAddress({ organizations }: OrganizationChoices) {
  const [{ organization }, setParams] = useAddress(PARSERS);
  return (
    <OrganizationFilter
      organizations={organizations}
      value={organization}
      onChange={(chosen) => setParams({ organization: chosen, cursor: null })}
    />
  );
}
