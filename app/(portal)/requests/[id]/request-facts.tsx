import Link from "next/link";
import type { ReactNode } from "react";
import { exactTime } from "#components/format/time";
import { exactUsd } from "#components/format/usd";
import { Badge } from "#components/ui/badge";
import { type Fact, ShortId } from "#components/ui/facts";
import type { RequestBill } from "#lib/portal/requests/request-bill";
import type { LedgerRequest } from "#lib/services/requests/ledger-request";
import { metadataFacts } from "../../metadata-fact";

const NONE = <span className="text-ink-4">—</span>;

/** The fields of a ledger row that the page does not show elsewhere, or that are worth copying. */
export function requestFacts(request: LedgerRequest, { priceVersion }: RequestBill): Fact[] {
  return [
    ...(request.reason ? [{ label: "Reason", value: request.reason }] : []),
    ...(request.adjusted_by ? [{ label: "Created by", value: request.adjusted_by }] : []),
    ...(request.status === "adjustment"
      ? []
      : [
          {
            label: "Endpoint",
            value: (
              <FilterLink href={`/requests?endpoint=${encodeURIComponent(request.endpoint)}`}>
                <code className="font-mono text-xs">/v1/{request.endpoint}</code>
              </FilterLink>
            ),
          },
        ]),
    { label: "Requested model", value: request.model, copy: request.model },
    { label: "Provider", value: request.provider ?? NONE },
    { label: "Provider’s model", value: request.upstream_model ?? NONE },
    { label: "Response", value: request.stream ? "Streaming" : "Non-streaming" },
    { label: "HTTP status", value: request.http_status ?? NONE },
    ...(request.fail_open ? [{ label: "Admitted", value: "While the database was unavailable" }] : []),
    ...(request.error_code
      ? [
          {
            label: "Error",
            value: (
              <FilterLink href={`/requests?error=${encodeURIComponent(request.error_code)}`}>
                {request.error_code}
              </FilterLink>
            ),
            copy: request.error_code,
          },
        ]
      : []),
    {
      label: "Key",
      value: request.api_key_id ? (
        <FilterLink href={`/requests?key=${request.api_key_id}`}>
          {request.api_key_name ?? "Deleted key"}{" "}
          <code className="font-mono text-ink-3 text-xs">{request.api_key_prefix}</code>
        </FilterLink>
      ) : (
        NONE
      ),
      copy: request.api_key_id ?? undefined,
    },
    {
      label: "User",
      value: request.user_id ? (request.user_name ?? "Deleted user") : NONE,
      copy: request.user_id ?? undefined,
    },
    {
      label: "Organization",
      value: request.organization_name ?? "Deleted organization",
      copy: request.organization_id,
    },
    ...(request.app_id
      ? [
          {
            label: "App",
            value: request.app_name ?? <ShortId id={request.app_id} />,
            copy: request.app_id,
          },
        ]
      : []),
    { label: "Usage source", value: usageWords(request) },
    {
      label: "Price version",
      value: priceVersion ? (
        <span title={priceVersion.id}>
          {priceVersion.origin} <span className="text-ink-3 text-xs">{priceVersion.source}</span>
        </span>
      ) : (
        NONE
      ),
      copy: priceVersion?.id,
    },
    { label: "Hold", value: exactUsd(request.hold_usd) },
    { label: "Over the hold", value: exactUsd(request.overrun_usd) },
    { label: "Started", value: <Instant iso={request.created_at} />, copy: request.created_at },
    {
      label: "Settled",
      value: request.settled_at ? <Instant iso={request.settled_at} /> : NONE,
      copy: request.settled_at ?? undefined,
    },
    {
      label: "Client request ID",
      value: request.client_request_id ? (
        <code className="break-all font-mono text-xs">{request.client_request_id}</code>
      ) : (
        NONE
      ),
      copy: request.client_request_id ?? undefined,
    },
    ...(request.session_id === null
      ? []
      : [
          {
            label: "Session",
            value: (
              <FilterLink href={`/requests?session=${encodeURIComponent(request.session_id)}`}>
                <code className="break-all font-mono text-xs">{request.session_id}</code>
              </FilterLink>
            ),
            copy: request.session_id,
          },
        ]),
    ...(request.dropped.length === 0
      ? []
      : [
          {
            label: "Left out",
            value: <code className="break-all font-mono text-xs">{request.dropped.join(", ")}</code>,
            copy: request.dropped.join(","),
          },
        ]),
    {
      label: "Tags",
      value:
        request.tags.length > 0 ? (
          <span className="flex flex-wrap justify-end gap-1">
            {request.tags.map((tag) => (
              <Badge key={tag}>{tag}</Badge>
            ))}
          </span>
        ) : (
          NONE
        ),
    },
    ...metadataFacts(request.metadata),
  ];
}

const Instant = ({ iso }: { iso: string }) => (
  <time dateTime={iso} className="figures text-xs">
    {exactTime(iso)}
  </time>
);

const FilterLink = ({ href, children }: { href: string; children: ReactNode }) => (
  <Link
    href={href}
    className="rounded-xs underline decoration-line-strong underline-offset-3 hover:decoration-accent"
  >
    {children}
  </Link>
);

function usageWords({ usage_source: source }: LedgerRequest): ReactNode {
  if (source === null) return NONE;
  return source === "provider" ? "Provider" : "Estimate";
}
