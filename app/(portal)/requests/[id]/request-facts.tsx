import Link from "next/link";
import type { ReactNode } from "react";
import { exactTime } from "#components/format/time";
import { exactUsd } from "#components/format/usd";
import { Badge } from "#components/ui/badge";
import { type Fact, ShortId } from "#components/ui/facts";
import type { RequestDetail } from "#lib/services/requests/get-request";

const NONE = <span className="text-ink-4">—</span>;

/** Every field of a ledger row that the page does not show elsewhere, or that one wants to copy. */
export function requestFacts(request: RequestDetail): Fact[] {
  const { key, user, organization, priceVersion } = request;
  return [
    { label: "Endpoint", value: <code className="font-mono text-xs">/v1/{request.endpoint}</code> },
    { label: "Model asked for", value: request.model, copy: request.model },
    { label: "Provider", value: request.provider ?? NONE },
    { label: "Model there", value: request.upstreamModel ?? NONE },
    { label: "Answer", value: request.stream ? "Streamed" : "Whole" },
    { label: "HTTP status", value: request.httpStatus ?? NONE },
    ...(request.errorCode ? [{ label: "Error", value: request.errorCode, copy: request.errorCode }] : []),
    {
      label: "Key",
      value: key ? (
        <FilterLink href={`/requests?key=${key.id}`}>
          {key.name ?? "Deleted key"} <code className="font-mono text-ink-3 text-xs">{key.prefix}</code>
        </FilterLink>
      ) : (
        NONE
      ),
      copy: key?.id,
    },
    { label: "Person", value: user ? (user.name ?? "Deleted person") : NONE, copy: user?.id },
    {
      label: "Organization",
      value: organization.name ?? "Deleted organization",
      copy: organization.id,
    },
    ...(request.appId ? [{ label: "App", value: <ShortId id={request.appId} />, copy: request.appId }] : []),
    { label: "Usage from", value: usageWords(request) },
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
    { label: "Hold", value: exactUsd(request.holdUsd) },
    { label: "Above the hold", value: exactUsd(request.overrunUsd) },
    { label: "Started", value: <Instant iso={request.createdAt} />, copy: request.createdAt },
    {
      label: "Settled",
      value: request.settledAt ? <Instant iso={request.settledAt} /> : NONE,
      copy: request.settledAt ?? undefined,
    },
    {
      label: "Client’s request id",
      value: request.clientRequestId ? (
        <code className="break-all font-mono text-xs">{request.clientRequestId}</code>
      ) : (
        NONE
      ),
      copy: request.clientRequestId ?? undefined,
    },
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

function usageWords({ usageSource }: RequestDetail): ReactNode {
  if (usageSource === null) return NONE;
  return usageSource === "provider" ? "The provider’s report" : "An estimate";
}
