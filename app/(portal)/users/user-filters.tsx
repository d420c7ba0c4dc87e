"use client";

import { FilterBar } from "#components/filters/filter-bar";
import { FilterSelect } from "#components/filters/filter-select";
import { SearchBox } from "#components/filters/search-box";
import { roleName } from "#components/format/role-name";
import { MetadataFilter } from "../metadata-filter";
import { type OrganizationChoices, OrganizationInAddress } from "../organization-in-address";
import { useAddress } from "../use-address";
import { userParsers } from "./user-params";

const PAYMENTS = [
  { value: "active", label: "Active" },
  { value: "ends_7", label: "Ends within 7 days" },
  { value: "ends_30", label: "Ends within 30 days" },
  { value: "expired", label: "Expired" },
  { value: "none", label: "No date" },
];

const ROLES = (["member", "viewer", "org_admin", "admin"] as const).map((value) => ({
  value,
  label: roleName(value),
}));

/** The filters of the list of users. */
export function UserFilters({ organizations }: OrganizationChoices) {
  const [params, setParams] = useAddress(userParsers);
  return (
    <FilterBar>
      <div className="col-span-2">
        <SearchBox
          label="Search users by name, e-mail or external ID"
          placeholder="Name, e-mail or external ID"
        />
      </div>
      <OrganizationInAddress organizations={organizations} />
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
