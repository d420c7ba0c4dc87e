"use client";

import { useQueryStates } from "nuqs";
import { FilterBar } from "#components/filters/filter-bar";
import { FilterSelect } from "#components/filters/filter-select";
import { OrganizationFilter } from "#components/filters/organization-filter";
import { SearchBox } from "#components/filters/search-box";
import { roleName } from "#components/format/role-name";
import { MetadataFilter } from "../metadata-filter";
import { userParsers } from "./user-params";

const PAYMENTS = [
  { value: "active", label: "Active" },
  { value: "expired", label: "Expired" },
  { value: "none", label: "No date" },
];

const ROLES = (["member", "viewer", "org_admin", "admin"] as const).map((value) => ({
  value,
  label: roleName(value),
}));

type Props = { organizations: readonly { id: string; name: string }[] };

/** The filters of the list of users. Each change adds an entry to the browser's history. */
export function UserFilters({ organizations }: Props) {
  const [params, setParams] = useQueryStates(userParsers, { shallow: false, history: "push" });
  return (
    <FilterBar>
      <div className="col-span-2">
        <SearchBox
          label="Search users by name, e-mail or external ID"
          placeholder="Name, e-mail or external ID"
        />
      </div>
      <OrganizationFilter
        organizations={organizations}
        value={params.organization}
        onChange={(organization) => setParams({ organization, cursor: null })}
      />
      <FilterSelect
        label="Payment"
        anyLabel="Any payment status"
        options={PAYMENTS}
        value={params.payment}
        onChange={(value) => setParams({ payment: userParsers.payment.parse(value ?? ""), cursor: null })}
      />
      <FilterSelect
        label="Role"
        anyLabel="Any role"
        options={ROLES}
        value={params.role}
        onChange={(value) => setParams({ role: userParsers.role.parse(value ?? ""), cursor: null })}
      />
      <MetadataFilter />
    </FilterBar>
  );
}
