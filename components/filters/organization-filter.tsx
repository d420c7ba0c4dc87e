"use client";

import { useFindOrganizations } from "#components/fields/find-choices";
import { MOST_CHOICES } from "#lib/portal/organizations/most-choices";
import type { OrganizationChoice } from "#lib/portal/organizations/organization-choices";
import { FilterSelect } from "./filter-select";
import { SearchFilter } from "./search-filter";

const ANY_LABEL = "Any organization";

type Props = {
  /** The first ones by name, with the current one. */
  organizations: readonly OrganizationChoice[];
  value: string | null;
  onChange: (value: string | null) => void;
};

/** Filters by organization, if there are several or the address names one. */
export function OrganizationFilter({ organizations, value, onChange }: Props) {
  const find = useFindOrganizations();
  if (organizations.length <= 1 && value === null) return null;
  const options = organizations.map(({ id, name }) => ({ value: id, label: name }));
  if (organizations.length < MOST_CHOICES) {
    return (
      <FilterSelect
        label="Organization"
        anyLabel={ANY_LABEL}
        options={options}
        value={value}
        onChange={onChange}
      />
    );
  }
  return (
    <SearchFilter
      label="Organization"
      anyLabel={ANY_LABEL}
      value={value}
      onChange={onChange}
      known={options}
      find={find}
    />
  );
}
