"use client";

import { useState } from "react";
import { useFindOrganizations } from "#components/fields/find-choices";
import { SearchSelect } from "#components/ui/search-select";
import type { Option } from "#components/ui/select";
import { MOST_CHOICES } from "#lib/portal/organizations/most-choices";
import type { OrganizationChoice } from "#lib/portal/organizations/organization-choices";
import { ANY, FilterSelect, filterClasses } from "./filter-select";

const ANY_ORGANIZATION = { value: ANY, label: "Any organization" };

type Props = {
  /** The first ones by name, with the current one. */
  organizations: readonly OrganizationChoice[];
  value: string | null;
  onChange: (value: string | null) => void;
};

/** Filters by organization, if there are several or the address names one. */
export function OrganizationFilter({ organizations, value, onChange }: Props) {
  const find = useFindOrganizations();
  const [chosen, setChosen] = useState<Option | null>(null);
  if (organizations.length <= 1 && value === null) return null;
  const options = organizations.map(({ id, name }) => ({ value: id, label: name }));
  if (organizations.length < MOST_CHOICES) {
    return (
      <FilterSelect
        label="Organization"
        anyLabel={ANY_ORGANIZATION.label}
        options={options}
        value={value}
        onChange={onChange}
      />
    );
  }
  const known = [ANY_ORGANIZATION, chosen, ...options];
  return (
    <SearchSelect
      aria-label="Organization"
      value={known.find((option) => option?.value === (value ?? ANY)) ?? { value: ANY, label: value ?? "" }}
      onValueChange={(option) => {
        setChosen(option);
        onChange(option.value === ANY ? null : option.value);
      }}
      fixed={[ANY_ORGANIZATION]}
      find={find}
      className={filterClasses(value)}
    />
  );
}
