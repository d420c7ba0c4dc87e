"use client";

import { useQueryStates } from "nuqs";
import { OrganizationFilter } from "#components/filters/organization-filter";
import { SearchBox } from "#components/filters/search-box";
import { MetadataFilter } from "../metadata-filter";
import { appParsers } from "./app-params";

type Props = { organizations: readonly { id: string; name: string }[] };

/** The filters of the list of apps. Each change adds an entry to the browser's history. */
export function AppFilters({ organizations }: Props) {
  const [params, setParams] = useQueryStates(appParsers, { shallow: false, history: "push" });
  return (
    <fieldset className="mb-4 flex flex-wrap items-center gap-2" aria-label="Filters">
      <SearchBox label="Search apps by name or external ID" placeholder="Name or external ID" />
      <OrganizationFilter
        organizations={organizations}
        value={params.organization}
        onChange={(organization) => setParams({ organization, cursor: null })}
      />
      <MetadataFilter />
    </fieldset>
  );
}
