"use client";

import { ClearFilters } from "#components/filters/clear-filters";
import { FilterSelect } from "#components/filters/filter-select";
import { OrganizationFilter } from "#components/filters/organization-filter";
import { rejectionReason } from "#components/format/rejection-words";
import { useAddress } from "../use-address";
import { rejectionParsers } from "./rejection-params";

type Props = {
  codes: readonly string[];
  organizations: readonly { id: string; name: string }[];
};

/** The filters of the rejections. */
export function RejectionFilters({ codes, organizations }: Props) {
  const [params, setParams] = useAddress(rejectionParsers);
  return (
    <fieldset className="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap sm:items-center" aria-label="Filters">
      <FilterSelect
        label="Reason"
        anyLabel="Any reason"
        options={codes.map((code) => ({ value: code, label: rejectionReason(code) }))}
        value={params.code}
        onChange={(code) => setParams({ code })}
      />
      {organizations.length > 1 ? (
        <OrganizationFilter
          organizations={organizations}
          value={params.organization}
          onChange={(organization) => setParams({ organization })}
        />
      ) : null}
      {params.code || params.organization ? (
        <ClearFilters onClick={() => setParams({ code: null, organization: null })} />
      ) : null}
    </fieldset>
  );
}
