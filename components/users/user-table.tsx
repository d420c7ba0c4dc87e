import { BudgetCell } from "#components/charts/budget-cell";
import { roleName } from "#components/format/role-name";
import { RowCheckbox } from "#components/ui/row-checkbox";
import { LinkedTr, Table, Td, Th } from "#components/ui/table";
import type { UserTableRow } from "#lib/portal/users/user-table";
import { userTitle } from "#lib/services/users/user-title";
import { PaymentBadge } from "./payment-badge";
import { UserName } from "./user-name";

type Props = {
  users: readonly UserTableRow[];
  nowMs: number;
  showOrganization: boolean;
  /** Users who can be selected, by id; null for a table without selection. */
  selectable: ReadonlySet<string> | null;
};

export function UserTable({ users, nowMs, showOrganization, selectable }: Props) {
  return (
    <Table
      label="Users"
      head={
        <>
          {selectable === null ? null : (
            <Th className="w-0 pr-0">
              <RowCheckbox name="page" label="Select all users on this page" />
            </Th>
          )}
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
          {selectable === null ? null : (
            <Td className="w-0 pr-0">
              {selectable.has(user.id) ? (
                <RowCheckbox name="user" value={user.id} label={`Select ${userTitle(user)}`} />
              ) : null}
            </Td>
          )}
          <Td className="max-w-44 sm:max-w-64">
            <UserName user={user} />
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
