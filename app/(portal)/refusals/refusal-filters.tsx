"use client";

import { X } from "lucide-react";
import { useQueryStates } from "nuqs";
import { FilterSelect } from "#components/forms/filter-select";
import { refusalReason } from "#components/tables/refusal-words";
import { Button } from "#components/ui/button";
import { refusalParsers } from "./refusal-params";

type Props = {
  codes: readonly string[];
  organizations: readonly { id: string; name: string }[];
};

/** Sets for whom and why; each change is a step in the browser's history. */
export function RefusalFilters({ codes, organizations }: Props) {
  const [params, setParams] = useQueryStates(refusalParsers, { shallow: false, history: "push" });
  return (
    <fieldset className="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap sm:items-center" aria-label="Filters">
      <FilterSelect
        label="Reason"
        any="Any reason"
        options={codes.map((code) => ({ value: code, label: refusalReason(code) }))}
        value={params.code}
        onChange={(code) => setParams({ code })}
      />
      {organizations.length > 1 ? (
        <FilterSelect
          label="Organization"
          any="Any organization"
          options={organizations.map(({ id, name }) => ({ value: id, label: name }))}
          value={params.organization}
          onChange={(organization) => setParams({ organization })}
        />
      ) : null}
      {params.code || params.organization ? (
        <Button variant="ghost" onClick={() => setParams({ code: null, organization: null })}>
          <X aria-hidden="true" />
          Clear
        </Button>
      ) : null}
    </fieldset>
  );
}
