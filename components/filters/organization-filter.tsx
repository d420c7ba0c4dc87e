"use client";

import { FilterSelect } from "./filter-select";

type Props = {
  organizations: readonly { id: string; name: string }[];
  value: string | null;
  onChange: (value: string | null) => void;
};

/** Filters by organization, if there are several or the address names one. */
export function OrganizationFilter({ organizations, value, onChange }: Props) {
  if (organizations.length <= 1 && value === null) return null;
  return (
    <FilterSelect
      label="Organization"
      anyLabel="Any organization"
      options={organizations.map(({ id, name }) => ({ value: id, label: name }))}
      value={value}
      onChange={onChange}
    />
  );
}
