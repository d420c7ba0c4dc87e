import { Pager } from "#components/filters/pager";
import { OrganizationTable } from "#components/organizations/organization-table";
import { EmptyState } from "#components/ui/empty-state";
import { organizationTable } from "#lib/portal/organizations/organization-table";
import type { ServiceContext } from "#lib/services/context";
import { listQueryOf } from "../address-parsers";
import { type OrganizationParams, organizationsHref } from "./organization-params";

type Props = { ctx: ServiceContext; params: OrganizationParams };

export async function OrganizationList({ ctx, params: { q, metadata, cursor } }: Props) {
  const { data, next_cursor } = await organizationTable(ctx, listQueryOf({ q, metadata, cursor }));
  if (data.length === 0) {
    return q === "" && metadata === null ? (
      <EmptyState title="No organizations yet">Create one to add users, keys and apps.</EmptyState>
    ) : (
      <EmptyState title="No results">No organizations match this search.</EmptyState>
    );
  }
  return (
    <>
      <OrganizationTable organizations={data} nowMs={Date.now()} />
      <Pager
        shown={data.length}
        noun="organization"
        cursor={cursor}
        nextCursor={next_cursor}
        hrefAt={(at) => organizationsHref("/organizations", { q, metadata, cursor: at })}
      />
    </>
  );
}
