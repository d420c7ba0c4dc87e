"use client";

import { RotateCw } from "lucide-react";
import { useRouter } from "next/navigation";
import { useQueryStates } from "nuqs";
import { useTransition } from "react";
import { ClearFilters } from "#components/filters/clear-filters";
import { FilterBar } from "#components/filters/filter-bar";
import { FilterChip } from "#components/filters/filter-chip";
import { FilterSelect } from "#components/filters/filter-select";
import { OrganizationFilter } from "#components/filters/organization-filter";
import { SearchBox } from "#components/filters/search-box";
import { STATUS_OPTIONS } from "#components/requests/request-status";
import { Button } from "#components/ui/button";
import { cn } from "#components/ui/cn";
import type { Option } from "#components/ui/select";
import type { RequestFilterOptions } from "#lib/portal/requests/request-filter-options";
import { isFiltered, requestParsers, requestsHref } from "./request-params";

const RANGES: Option[] = [
  { value: "1h", label: "Last hour" },
  { value: "24h", label: "Last 24 hours" },
  { value: "7d", label: "Last 7 days" },
  { value: "30d", label: "Last 30 days" },
];

/** What Tollgate itself calls the end of a request. A provider's own codes come from links to this page. */
const ERROR_OPTIONS: Option[] = [
  "client_closed_request",
  "upstream_error",
  "upstream_timeout",
  "upstream_rate_limited",
  "gateway_died",
].map((code) => ({ value: code, label: code }));

/** The filters of the ledger. Each change adds an entry to the browser's history. */
export function RequestFilters({ options }: { options: RequestFilterOptions }) {
  const [pending, startTransition] = useTransition();
  const router = useRouter();
  const [params, setParams] = useQueryStates(requestParsers, {
    shallow: false,
    history: "push",
    startTransition,
  });
  const filter = (label: string, name: FilterName, anyLabel: string, choices: Option[]) => (
    <FilterSelect
      label={label}
      anyLabel={anyLabel}
      options={choices}
      value={params[name]}
      // The parser of each parameter ignores invalid values.
      onChange={(value) =>
        setParams({ [name]: value === null ? null : requestParsers[name].parse(value), cursor: null })
      }
    />
  );
  return (
    <FilterBar>
      <SearchBox label="Search by request or session ID" placeholder="Request or session ID" />
      {filter("Time", "range", "All time", RANGES)}
      {filter("Status", "status", "Any status", STATUS_OPTIONS)}
      {filter(
        "Model",
        "model",
        "Any model",
        options.models.map((model) => ({ value: model, label: model })),
      )}
      {filter(
        "Key",
        "key",
        "Any key",
        options.keys.map((key) => ({ value: key.id, label: key.name, detail: key.prefix })),
      )}
      {options.organizations.length > 1 ? (
        <OrganizationFilter
          organizations={options.organizations}
          value={params.organization}
          onChange={(organization) => setParams({ organization, cursor: null })}
        />
      ) : null}
      {filter("Streaming", "mode", "Any streaming mode", [
        { value: "streamed", label: "Streaming" },
        { value: "whole", label: "Non-streaming" },
      ])}
      {filter(
        "Endpoint",
        "endpoint",
        "Any endpoint",
        options.endpoints.map((endpoint) => ({ value: endpoint, label: endpoint })),
      )}
      {filter("Error", "error", "Any error", ERROR_OPTIONS)}
      {params.session === null ? null : (
        <FilterChip
          label={`Session ${params.session}`}
          clearHref={requestsHref("/requests", { ...params, session: null, cursor: null })}
        />
      )}
      <Button
        aria-pressed={params.failed}
        className={cn(params.failed && "border-danger bg-danger-soft text-danger hover:bg-danger-soft")}
        onClick={() => setParams({ failed: params.failed ? null : true, cursor: null })}
      >
        Failed only
      </Button>
      {isFiltered(params) ? <ClearFilters onClick={() => setParams(null)} /> : null}
      <Button
        variant="ghost"
        size="icon"
        className="sm:ml-auto"
        aria-label="Refresh"
        onClick={() => startTransition(() => router.refresh())}
      >
        <RotateCw className={cn(pending && "animate-spin")} aria-hidden="true" />
      </Button>
    </FilterBar>
  );
}

type FilterName = "range" | "status" | "model" | "key" | "mode" | "endpoint" | "error";
