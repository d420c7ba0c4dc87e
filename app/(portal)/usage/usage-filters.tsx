"use client";

import { useFindUsers } from "#components/fields/find-choices";
import { ClearFilters } from "#components/filters/clear-filters";
import { FilterBar } from "#components/filters/filter-bar";
import { FilterChip } from "#components/filters/filter-chip";
import { FilterSelect } from "#components/filters/filter-select";
import { OrganizationFilter } from "#components/filters/organization-filter";
import { SearchFilter } from "#components/filters/search-filter";
import type { UsageFilterOptions } from "#lib/portal/usage/usage-filter-options";
import { useAddress } from "../use-address";
import { isFiltered, NO_FILTERS, usageHref, usageParsers } from "./usage-params";

type Props = { options: UsageFilterOptions; isMember: boolean };

/** The filters of the usage page. Those without a control are set by the links of its table. */
export function UsageFilters({ options, isMember }: Props) {
  const [params, setParams] = useAddress(usageParsers);
  const chip = (name: "app" | "provider" | "tag", label: string) =>
    params[name] === null ? null : (
      <FilterChip label={label} clearHref={usageHref({ ...params, [name]: null })} />
    );
  return (
    <FilterBar>
      <FilterSelect
        label="Model"
        anyLabel="Any model"
        options={options.models.map((model) => ({ value: model, label: model }))}
        value={params.model}
        onChange={(model) => setParams({ model })}
      />
      {isMember ? null : (
        <UserFilter
          organizationId={params.organization}
          value={params.user}
          name={options.userName}
          onChange={(user) => setParams({ user })}
        />
      )}
      <FilterSelect
        label="Key"
        anyLabel="Any key"
        options={options.keys.map((key) => ({ value: key.id, label: key.name, detail: key.prefix }))}
        value={params.key}
        onChange={(key) => setParams({ key })}
      />
      <OrganizationFilter
        organizations={options.organizations}
        value={params.organization}
        onChange={(organization) => setParams({ organization })}
      />
      {chip("app", `App ${options.appName ?? params.app}`)}
      {chip("provider", `Provider ${params.provider}`)}
      {chip("tag", `Tag ${params.tag}`)}
      {isFiltered(params) ? <ClearFilters onClick={() => setParams(NO_FILTERS)} /> : null}
    </FilterBar>
  );
}

type UserFilterProps = {
  organizationId: string | null;
  value: string | null;
  /** The user's name, if the page knows it. */
  name: string | null;
  onChange: (value: string | null) => void;
};

const UserFilter = ({ organizationId, name, value, onChange }: UserFilterProps) => (
  <SearchFilter
    label="User"
    anyLabel="Any user"
    value={value}
    onChange={onChange}
    known={value === null || name === null ? [] : [{ value, label: name }]}
    find={useFindUsers(organizationId ?? "")}
  />
);
