import { BudgetCell } from "#components/charts/budget-cell";
import { roleName } from "#components/format/role-name";
import { LinkedTr, RowLink, Table, Td, Th } from "#components/ui/table";
import type { UserTableRow } from "#lib/portal/users/user-table";
import { userTitle } from "#lib/services/users/user-title";
import { PaymentBadge } from "./payment-badge";

type Props = { users: readonly UserTableRow[]; nowMs: number; showOrganization: boolean };

export function UserTable({ users, nowMs, showOrganization }: Props) {
  return (
    <Table
      label="Users"
      head={
        <>
          <Th>User</Th>
          {showOrganization ? <Th className="hidden md:table-cell">Organization</Th> : null}
          <Th className="hidden lg:table-cell">Role</Th>
          <Th className="hidden sm:table-cell">Payment</Th>
          <Th className="text-right">Spent</Th>
        </>
      }
    >
      {users.map((user) => (
        <LinkedTr key={user.id}>
          <Td className="max-w-44 sm:max-w-64">
            <RowLink href={`/users/${user.id}`} className="block">
              {userTitle(user)}
            </RowLink>
            {user.name === null ? null : (
              <span className="block truncate text-ink-3 text-xs">{user.email ?? user.external_id}</span>
            )}
            <span className="mt-1 block sm:hidden">
              <PaymentBadge user={user} nowMs={nowMs} />
            </span>
          </Td>
          {showOrganization ? (
            <Td className="hidden max-w-44 truncate text-ink-2 md:table-cell">
              {user.organization_name ?? <span className="text-ink-3">All organizations</span>}
            </Td>
          ) : null}
          <Td className="hidden whitespace-nowrap text-ink-2 lg:table-cell">{roleName(user.role)}</Td>
          <Td className="hidden sm:table-cell">
            <PaymentBadge user={user} nowMs={nowMs} />
          </Td>
          <BudgetCell scope={user} />
        </LinkedTr>
      ))}
    </Table>
  );
}
