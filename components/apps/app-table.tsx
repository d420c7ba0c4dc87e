import { BudgetCell } from "#components/charts/budget-cell";
import { Badge } from "#components/ui/badge";
import { MomentCell } from "#components/ui/moment-cell";
import { StatusDot } from "#components/ui/status-dot";
import { LinkedTr, RowLink, Table, Td, Th } from "#components/ui/table";
import type { AppTableRow } from "#lib/portal/apps/app-table";
import type { App } from "#lib/services/apps/app";

type Props = { apps: readonly AppTableRow[]; nowMs: number; showOrganization: boolean };

export function AppTable({ apps, nowMs, showOrganization }: Props) {
  return (
    <Table
      label="Apps"
      head={
        <>
          <Th>App</Th>
          {showOrganization ? <Th className="hidden md:table-cell">Organization</Th> : null}
          <Th className="hidden sm:table-cell">Status</Th>
          <Th className="hidden text-right lg:table-cell">Created</Th>
          <Th className="text-right">Spent</Th>
        </>
      }
    >
      {apps.map((app) => (
        <LinkedTr key={app.id}>
          <Td className="max-w-44 sm:max-w-64">
            <RowLink href={`/apps/${app.id}`} className="block">
              {app.name}
            </RowLink>
            <code className="block truncate font-mono text-ink-3 text-xs">{app.external_id ?? app.id}</code>
            {app.disabled ? (
              <span className="mt-1 block sm:hidden">
                <AppStatus app={app} />
              </span>
            ) : null}
          </Td>
          {showOrganization ? (
            <Td className="hidden max-w-44 truncate text-ink-2 md:table-cell">{app.organization_name}</Td>
          ) : null}
          <Td className="hidden sm:table-cell">
            <AppStatus app={app} />
          </Td>
          <MomentCell iso={app.created_at} nowMs={nowMs} inLink className="hidden lg:table-cell" />
          <BudgetCell scope={app} />
        </LinkedTr>
      ))}
    </Table>
  );
}

export const AppStatus = ({ app }: { app: Pick<App, "disabled"> }) =>
  app.disabled ? <Badge>Disabled</Badge> : <StatusDot>Active</StatusDot>;
