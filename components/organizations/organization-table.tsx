import { BudgetCell } from "#components/charts/budget-cell";
import { count } from "#components/format/count";
import { Badge } from "#components/ui/badge";
import { MomentCell } from "#components/ui/moment-cell";
import { StatusDot } from "#components/ui/status-dot";
import { LinkedTr, RowLink, Table, Td, Th } from "#components/ui/table";
import type { OrganizationTableRow } from "#lib/portal/organizations/organization-table";
import type { Organization } from "#lib/services/organizations/organization";

type Props = { organizations: readonly OrganizationTableRow[]; nowMs: number };

export function OrganizationTable({ organizations, nowMs }: Props) {
  return (
    <Table
      label="Organizations"
      head={
        <>
          <Th>Organization</Th>
          <Th className="hidden sm:table-cell">Status</Th>
          <Th className="hidden text-right sm:table-cell">Users</Th>
          <Th className="hidden text-right md:table-cell">Created</Th>
          <Th className="text-right">Spent</Th>
        </>
      }
    >
      {organizations.map((organization) => (
        <LinkedTr key={organization.id}>
          <Td className="max-w-44 sm:max-w-72">
            <RowLink href={`/organizations/${organization.id}`} className="block">
              {organization.name}
            </RowLink>
            <span className="mt-0.5 flex items-center gap-2 text-ink-3 text-xs sm:hidden">
              {organization.status === "suspended" ? (
                <OrganizationStatus organization={organization} />
              ) : null}
              {count(organization.users)} {organization.users === 1 ? "user" : "users"}
            </span>
          </Td>
          <Td className="hidden sm:table-cell">
            <OrganizationStatus organization={organization} />
          </Td>
          <Td className="figures hidden text-right text-ink-2 sm:table-cell">{count(organization.users)}</Td>
          <MomentCell iso={organization.created_at} nowMs={nowMs} inLink className="hidden md:table-cell" />
          <BudgetCell scope={organization} />
        </LinkedTr>
      ))}
    </Table>
  );
}

export const OrganizationStatus = ({ organization }: { organization: Pick<Organization, "status"> }) =>
  organization.status === "suspended" ? (
    <Badge tone="danger">Suspended</Badge>
  ) : (
    <StatusDot>Active</StatusDot>
  );
