"use client";

import { useId } from "react";
import { ClearFilters } from "#components/filters/clear-filters";
import { FilterBar } from "#components/filters/filter-bar";
import { FilterSelect } from "#components/filters/filter-select";
import { subjectNoun } from "#components/format/audit-words";
import { cn } from "#components/ui/cn";
import { Input } from "#components/ui/input";
import type { AuditFilterOptions } from "#lib/portal/audit/audit-filter-options";
import { useAddress } from "../use-address";
import { auditParsers, isFiltered } from "./audit-params";

/** The filters of the audit log. */
export function AuditFilters({ options }: { options: AuditFilterOptions }) {
  const [params, setParams] = useAddress(auditParsers);
  return (
    <FilterBar>
      <FilterSelect
        label="Subject"
        anyLabel="Any subject"
        options={options.subjectTypes.map((type) => ({ value: type, label: capital(subjectNoun(type)) }))}
        value={params.type}
        onChange={(type) => setParams({ type, cursor: null })}
      />
      <FilterSelect
        label="Action"
        anyLabel="Any action"
        options={options.actions.map((action) => ({ value: action, label: action }))}
        value={params.action}
        onChange={(action) => setParams({ action, cursor: null })}
      />
      <FilterSelect
        label="Actor"
        anyLabel="Any actor"
        options={options.actors.map(({ id, name }) => ({ value: id, label: name }))}
        value={params.actor}
        onChange={(actor) => setParams({ actor, cursor: null })}
      />
      <div className="col-span-2 grid grid-cols-2 gap-2 sm:contents">
        <Day label="From" value={params.from} onChange={(from) => setParams({ from, cursor: null })} />
        <Day label="To" value={params.to} onChange={(to) => setParams({ to, cursor: null })} />
      </div>
      {isFiltered(params) ? <ClearFilters onClick={() => setParams(null)} /> : null}
    </FilterBar>
  );
}

type DayProps = { label: string; value: string | null; onChange: (day: string | null) => void };

function Day({ label, value, onChange }: DayProps) {
  const id = useId();
  return (
    <div className="flex items-center gap-1.5">
      <label htmlFor={id} className="text-ink-3 text-xs">
        {label}
        <span className="sr-only"> (UTC day)</span>
      </label>
      <Input
        id={id}
        type="date"
        className={cn("h-8 bg-raised px-2 sm:w-36", value !== null && "border-accent")}
        value={value ?? ""}
        onChange={(event) => onChange(auditParsers.from.parse(event.target.value))}
      />
    </div>
  );
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
