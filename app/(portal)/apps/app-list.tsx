import { AppTable } from "#components/apps/app-table";
import { Pager } from "#components/filters/pager";
import { EmptyState } from "#components/ui/empty-state";
import { appTable } from "#lib/portal/apps/app-table";
import type { ServiceContext } from "#lib/services/context";
import { listQueryOf } from "../address-parsers";
import { type AppParams, appsHref } from "./app-params";

type Props = { ctx: ServiceContext; params: AppParams; mayCreate: boolean };

export async function AppList({ ctx, params, mayCreate }: Props) {
  const { q, organization, metadata, cursor } = params;
  const { data, next_cursor } = await appTable(ctx, {
    ...listQueryOf(params),
    organization_id: organization ?? undefined,
  });
  if (data.length === 0) {
    return q !== "" || organization !== null || metadata !== null ? (
      <EmptyState title="No results">No apps match this search.</EmptyState>
    ) : (
      <EmptyState title="No apps yet">
        {mayCreate
          ? "An app is an internal service that sends requests on behalf of users. Create one to get started."
          : "Apps that you can access appear here."}
      </EmptyState>
    );
  }
  return (
    <>
      <AppTable apps={data} nowMs={Date.now()} showOrganization={ctx.actor.role === "admin"} />
      <Pager
        shown={data.length}
        noun="app"
        cursor={cursor}
        nextCursor={next_cursor}
        hrefAt={(at) => appsHref("/apps", { ...params, new: null, cursor: at })}
      />
    </>
  );
}
