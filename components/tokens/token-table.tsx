import { roleName } from "#components/format/role-name";
import { ActiveUntil } from "#components/ui/active-until";
import { Badge } from "#components/ui/badge";
import { Moment } from "#components/ui/moment";
import { MomentCell } from "#components/ui/moment-cell";
import { ActionsTd, ActionsTh, Table, Td, Th, Tr } from "#components/ui/table";
import type { AdminTokenTableRow } from "#lib/portal/admin-tokens/admin-token-table";
import type { deleteAdminToken } from "#lib/services/admin-tokens/delete-admin-token";
import type { ActionOf } from "#lib/services/verb";
import { TokenActions } from "./token-actions";

type Props = {
  tokens: readonly AdminTokenTableRow[];
  nowMs: number;
  remove: ActionOf<typeof deleteAdminToken>;
};

export function TokenTable({ tokens, nowMs, remove }: Props) {
  return (
    <Table
      label="Admin tokens"
      head={
        <>
          <Th>Token</Th>
          <Th>Role</Th>
          <Th className="hidden sm:table-cell">Status</Th>
          <Th className="hidden text-right md:table-cell">Last used</Th>
          <Th className="hidden text-right lg:table-cell">Created</Th>
          <ActionsTh />
        </>
      }
    >
      {tokens.map((token) => (
        <Tr key={token.id}>
          <Td className="max-w-40 sm:max-w-64">
            <span className="block truncate font-medium text-ink">{token.name}</span>
            <code className="mt-0.5 block truncate font-mono text-ink-3 text-xs">{token.token_prefix}…</code>
            <span className="mt-1 block sm:hidden">
              <TokenStatus token={token} nowMs={nowMs} />
            </span>
          </Td>
          <Td className="max-w-44">
            <span className="block truncate text-ink-2">{roleName(token.role)}</span>
            <span className="block truncate text-ink-3 text-xs">
              {token.organization_id === null
                ? "All organizations"
                : (token.organization_name ?? "Deleted organization")}
            </span>
          </Td>
          <Td className="hidden sm:table-cell">
            <TokenStatus token={token} nowMs={nowMs} />
          </Td>
          <MomentCell iso={token.last_used_at} nowMs={nowMs} className="hidden md:table-cell" />
          <Td className="figures hidden max-w-44 whitespace-nowrap text-right text-ink-2 lg:table-cell">
            <Moment iso={token.created_at} nowMs={nowMs} />
            <span className="block truncate text-ink-3 text-xs">
              {token.created_by_name ? `by ${token.created_by_name}` : "by a deleted user"}
            </span>
          </Td>
          <ActionsTd>
            <TokenActions id={token.id} name={token.name} prefix={token.token_prefix} remove={remove} />
          </ActionsTd>
        </Tr>
      ))}
    </Table>
  );
}

function TokenStatus({ token, nowMs }: { token: AdminTokenTableRow; nowMs: number }) {
  if (token.expired) return <Badge tone="wait">Expired</Badge>;
  return <ActiveUntil expiresAt={token.expires_at} nowMs={nowMs} />;
}
