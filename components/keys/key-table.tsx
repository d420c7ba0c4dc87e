import Link from "next/link";
import { shortCount } from "#components/format/count";
import { ActiveUntil } from "#components/ui/active-until";
import { Badge } from "#components/ui/badge";
import { cn } from "#components/ui/cn";
import { Moment } from "#components/ui/moment";
import { MomentCell } from "#components/ui/moment-cell";
import { Money } from "#components/ui/money";
import { ActionsTd, ActionsTh, Table, Td, Th, Tr } from "#components/ui/table";
import type { Role } from "#lib/auth/actor";
import type { KeyFormOptions } from "#lib/portal/keys/key-form-options";
import type { Key } from "#lib/services/keys/key";
import { KeyActions, type KeyActionsProps } from "./key-actions";

type Props = {
  keys: readonly Key[];
  nowMs: number;
  role: Role;
  /** The options of the edit form; null if the actor may not edit keys. */
  options: KeyFormOptions | null;
  actions: KeyActionsProps["actions"];
};

export function KeyTable({ keys, nowMs, role, options, actions }: Props) {
  const showOrganization = role === "admin";
  return (
    <Table
      label="API keys"
      head={
        <>
          <Th>Key</Th>
          <Th className="hidden md:table-cell">Owner</Th>
          <Th className="hidden xl:table-cell">Models</Th>
          <Th className="hidden sm:table-cell">Status</Th>
          <Th className="hidden text-right md:table-cell">Last used</Th>
          <Th className="text-right">This month</Th>
          <ActionsTh />
        </>
      }
    >
      {keys.map((key) => (
        <Tr key={key.id} className={cn(key.status !== "active" && "text-ink-3")}>
          <Td className="max-w-52 sm:max-w-64">
            <Link
              href={`/keys/${key.id}`}
              className={cn(
                "block w-fit max-w-full truncate rounded-xs font-medium underline-offset-3 hover:underline",
                key.status === "active" ? "text-ink" : "text-ink-2",
              )}
            >
              {key.name}
            </Link>
            <span className="mt-0.5 flex min-w-0 items-center gap-2">
              <code className="truncate font-mono text-ink-3 text-xs">{key.key_prefix}…</code>
              <span className="sm:hidden">
                <KeyStatus keyRow={key} nowMs={null} />
              </span>
            </span>
          </Td>
          <Td className="hidden max-w-56 md:table-cell">
            <span className="block truncate text-ink-2">
              {key.user ? key.user.name : showOrganization ? key.organization.name : "Organization"}
            </span>
            {showOrganization ? (
              <span className="block truncate text-ink-3 text-xs">
                {key.user ? key.organization.name : "Organization key"}
              </span>
            ) : null}
          </Td>
          <Td className="hidden max-w-48 text-ink-2 xl:table-cell">
            <Models allowed={key.allowed_models} />
          </Td>
          <Td className="hidden sm:table-cell">
            <KeyStatus keyRow={key} nowMs={nowMs} />
          </Td>
          <MomentCell iso={key.last_used_at} nowMs={nowMs} className="hidden md:table-cell" />
          <Td className="figures whitespace-nowrap text-right">
            <Money usd={key.spent_this_month_usd} isTotal className="font-medium text-ink" />
            <span className="block text-ink-3 text-xs">
              {shortCount(key.requests_this_month)} {key.requests_this_month === 1 ? "request" : "requests"}
            </span>
          </Td>
          <ActionsTd>
            {key.may_manage && key.status !== "revoked" && options ? (
              <KeyActions inRow apiKey={key} role={role} options={options} actions={actions} />
            ) : null}
          </ActionsTd>
        </Tr>
      ))}
    </Table>
  );
}

function Models({ allowed }: { allowed: string[] | null }) {
  if (allowed === null) return <span className="text-ink-3">All</span>;
  const [first, ...others] = allowed;
  if (first === undefined) return <span>None</span>;
  return others.length === 0 ? (
    <span className="block truncate">{first}</span>
  ) : (
    <span className="block truncate" data-tip={allowed.join(", ")}>
      {first} <span className="text-ink-3">+{others.length}</span>
    </span>
  );
}

type StatusProps = {
  keyRow: Key;
  /** Null leaves out the dates, for lack of space. */
  nowMs: number | null;
};

/** Whether a key works, and since or until when. */
export function KeyStatus({ keyRow, nowMs }: StatusProps) {
  const { status, expires_at: expiresAt, revoked_at: revokedAt } = keyRow;
  if (status === "revoked") {
    return (
      <Badge tone="neutral">
        Revoked
        {revokedAt && nowMs ? (
          <Moment iso={revokedAt} nowMs={nowMs} className="font-normal text-ink-3" />
        ) : null}
      </Badge>
    );
  }
  if (status === "expired") return <Badge tone="wait">Expired</Badge>;
  return <ActiveUntil expiresAt={nowMs === null ? null : expiresAt} nowMs={nowMs ?? 0} />;
}
