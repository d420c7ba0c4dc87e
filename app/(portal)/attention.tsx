import Link from "next/link";
import type { ReactNode } from "react";
import { count } from "#components/format/count";
import { plural } from "#components/format/limit-words";
import { exactMinute } from "#components/format/time";
import { totalUsd } from "#components/format/usd";
import { Callout } from "#components/ui/callout";
import { type NeedsAttention, needsAttention } from "#lib/portal/attention/needs-attention";
import type { ServiceContext } from "#lib/services/context";
import { requestsHref } from "./requests/request-params";
import { usersHref } from "./users/user-params";

/** What needs attention besides budgets, with links to where it is set right; nothing if all is well. */
export async function Attention({ ctx }: { ctx: ServiceContext }) {
  const { role, id } = ctx.actor;
  // Members see no list of users, but their own page.
  const payments = role === "member" ? `/users/${id}` : usersHref("/users", { payment: "ends_7" });
  const matters = mattersOf(await needsAttention(ctx), payments);
  if (matters.length === 0) return null;
  return (
    <Callout tone="wait">
      <ul aria-label="Needs attention" className="flex flex-col gap-1">
        {matters.map(({ id, text }) => (
          <li key={id}>{text}</li>
        ))}
      </ul>
    </Callout>
  );
}

type Matter = { id: string; text: ReactNode };

/** @param payments where the payments that end are */
function mattersOf(
  { downTargets, expiringKeys, paymentsEnding, requests }: NeedsAttention,
  payments: string,
): Matter[] {
  const { swept, overruns, drift } = requests;
  return [
    ...downTargets.shown.map(({ providerId, provider, upstreamModel, since }) => ({
      id: `${providerId} ${upstreamModel}`,
      text: (
        <>
          <To href={`/providers/${providerId}`}>
            {provider}/{upstreamModel}
          </To>{" "}
          is down since {exactMinute(since)}.
        </>
      ),
    })),
    ...more(downTargets, "targets are down", "/providers"),
    ...expiringKeys.shown.map(({ id, name, expiresAt }) => ({
      id,
      text: (
        <>
          Key <To href={`/keys/${id}`}>{name}</To> expires on {exactMinute(expiresAt)}.
        </>
      ),
    })),
    ...more(expiringKeys, "keys expire within 7 days", "/keys?status=active"),
    ...given(paymentsEnding > 0, "payments", () => (
      <>
        <To href={payments}>{plural(paymentsEnding, "payment")}</To> {paymentsEnding === 1 ? "ends" : "end"}{" "}
        within 7 days.
      </>
    )),
    ...given(swept > 0, "swept", () => (
      <>
        <To href={requestsHref("/requests", { status: "swept" })}>{ofTheNewest(swept)}</To>{" "}
        {swept === 1 ? "was" : "were"} charged by estimate, since a gateway stopped while serving{" "}
        {swept === 1 ? "it" : "them"}.
      </>
    )),
    ...given(overruns.requests > 0, "overruns", () => (
      <>
        {ofTheNewest(overruns.requests)} cost {totalUsd(overruns.usd)} more than was held.
      </>
    )),
    ...given(drift.requests > 0, "drift", () => (
      <>
        Providers state {totalUsd(drift.usd)} more than was charged for {ofTheNewest(drift.requests)}: compare{" "}
        <To href="/models">the prices</To>.
      </>
    )),
  ];
}

/** A busy gateway's requests are not all looked at. */
const ofTheNewest = (requests: number) => `${count(requests)} of the newest requests`;

const given = (isGiven: boolean, id: string, text: () => ReactNode): Matter[] =>
  isGiven ? [{ id, text: text() }] : [];

const more = ({ shown, total }: { shown: unknown[]; total: number }, what: string, href: string): Matter[] =>
  given(total > shown.length, what, () => (
    <>
      <To href={href}>{total - shown.length} more</To> {what}.
    </>
  ));

const To = ({ href, children }: { href: string; children: ReactNode }) => (
  <Link
    href={href}
    className="break-words rounded-xs font-medium underline decoration-line-strong underline-offset-3 hover:decoration-accent"
  >
    {children}
  </Link>
);
