"use client";

import { RotateCw, X } from "lucide-react";
import { useRouter } from "next/navigation";
import { useQueryStates } from "nuqs";
import { useTransition } from "react";
import { STATUS_OPTIONS } from "#components/tables/request-status";
import { Button } from "#components/ui/button";
import { cn } from "#components/ui/cn";
import { type Option, Select } from "#components/ui/select";
import type { RequestFilterOptions } from "#lib/services/requests/request-filter-options";
import { isFiltered, requestParsers } from "./request-params";

/** Radix takes no empty value for "none chosen". */
const ANY = "any";

const RANGES: Option[] = [
  { value: ANY, label: "All time" },
  { value: "1h", label: "Last hour" },
  { value: "24h", label: "Last 24 hours" },
  { value: "7d", label: "Last 7 days" },
  { value: "30d", label: "Last 30 days" },
];

/** Sets the ledger's filters; each change is a step in the browser's history. */
export function RequestFilters({ options }: { options: RequestFilterOptions }) {
  const [pending, startTransition] = useTransition();
  const router = useRouter();
  const [params, setParams] = useQueryStates(requestParsers, {
    shallow: false,
    history: "push",
    startTransition,
  });
  const filter = (label: string, name: FilterName, choices: Option[]) => (
    <Filter
      label={label}
      options={choices}
      value={params[name] ?? ANY}
      // The parser of each name lets nothing through that is not among its values.
      onChange={(value) =>
        setParams({ [name]: value === null ? null : requestParsers[name].parse(value), cursor: null })
      }
    />
  );
  return (
    <fieldset
      className="mb-4 grid grid-cols-2 gap-2 sm:flex sm:flex-wrap sm:items-center"
      aria-label="Filters"
    >
      {filter("Time", "range", RANGES)}
      {filter("Status", "status", [{ value: ANY, label: "Any status" }, ...STATUS_OPTIONS])}
      {filter("Model", "model", [
        { value: ANY, label: "Any model" },
        ...known(
          options.models.map((model) => ({ value: model, label: model })),
          params.model,
        ),
      ])}
      {filter("Key", "key", [
        { value: ANY, label: "Any key" },
        ...known(
          options.keys.map((key) => ({ value: key.id, label: key.name, detail: key.prefix })),
          params.key,
        ),
      ])}
      {options.organizations.length > 1
        ? filter("Organization", "organization", [
            { value: ANY, label: "Any organization" },
            ...options.organizations.map(({ id, name }) => ({ value: id, label: name })),
          ])
        : null}
      {filter("Streaming", "mode", [
        { value: ANY, label: "Streamed or whole" },
        { value: "streamed", label: "Streamed" },
        { value: "whole", label: "Whole" },
      ])}
      <Button
        aria-pressed={params.failed}
        className={cn(params.failed && "border-danger bg-danger-soft text-danger hover:bg-danger-soft")}
        onClick={() => setParams({ failed: params.failed ? null : true, cursor: null })}
      >
        Failed only
      </Button>
      {isFiltered(params) ? (
        <Button variant="ghost" onClick={() => setParams(null)}>
          <X aria-hidden="true" />
          Clear
        </Button>
      ) : null}
      <Button
        variant="ghost"
        size="icon"
        className="sm:ml-auto"
        aria-label="Refresh"
        onClick={() => startTransition(() => router.refresh())}
      >
        <RotateCw className={cn(pending && "animate-spin")} aria-hidden="true" />
      </Button>
    </fieldset>
  );
}

type FilterName = "range" | "status" | "model" | "key" | "organization" | "mode";

type FilterProps = {
  label: string;
  options: Option[];
  value: string;
  onChange: (value: string | null) => void;
};

function Filter({ label, options, value, onChange }: FilterProps) {
  const chosen = value !== ANY;
  return (
    <Select
      aria-label={label}
      value={value}
      onValueChange={(next) => onChange(next === ANY ? null : next)}
      options={options}
      className={cn(
        "h-8 w-full bg-raised px-2.5 text-ink-2 sm:w-auto sm:max-w-52",
        chosen && "border-accent text-ink",
      )}
    />
  );
}

/** A filter that came by the address stays to be seen, also where nothing of the kind is on offer. */
const known = (options: Option[], value: string | null): Option[] =>
  value === null || options.some((option) => option.value === value)
    ? options
    : [...options, { value, label: value }];
