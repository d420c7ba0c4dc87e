import { Pager } from "#components/filters/pager";
import { ProviderTable } from "#components/providers/provider-table";
import { EmptyState } from "#components/ui/empty-state";
import { providerTable } from "#lib/portal/providers/provider-table";
import type { ServiceContext } from "#lib/services/context";
import { type ProviderParams, providersHref } from "./provider-params";

type Props = { ctx: ServiceContext; params: ProviderParams };

export async function ProviderList({ ctx, params: { cursor } }: Props) {
  const { data, next_cursor } = await providerTable(ctx, { cursor: cursor ?? undefined });
  if (data.length === 0) {
    return (
      <EmptyState title="No providers yet">
        Add one with its API key, then create models that it serves.
      </EmptyState>
    );
  }
  return (
    <>
      <ProviderTable providers={data} nowMs={Date.now()} />
      <Pager
        shown={data.length}
        noun="provider"
        cursor={cursor}
        nextCursor={next_cursor}
        hrefAt={(at) => providersHref("/providers", { cursor: at })}
      />
    </>
  );
}
