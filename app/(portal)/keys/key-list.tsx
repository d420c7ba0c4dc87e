import { Pager } from "#components/filters/pager";
import { KeyTable } from "#components/keys/key-table";
import { EmptyState } from "#components/ui/empty-state";
import type { KeyFormOptions } from "#lib/portal/keys/key-form-options";
import type { ServiceContext } from "#lib/services/context";
import { listKeys } from "#lib/services/keys/list-keys";
import { listQueryOf } from "../address-parsers";
import { keyActions } from "./key-actions";
import { type KeyParams, keysHref } from "./key-params";

type Props = { ctx: ServiceContext; params: KeyParams; options: KeyFormOptions | null };

export async function KeyList({ ctx, params, options }: Props) {
  const { status, q, organization, user, metadata, cursor } = params;
  const page = await listKeys(ctx, {
    status,
    ...listQueryOf(params),
    organization_id: organization ?? undefined,
    user_id: user ?? undefined,
  });
  if (page.data.length === 0) {
    const isFiltered =
      status !== "all" || q !== "" || organization !== null || user !== null || metadata !== null;
    return isFiltered ? (
      <EmptyState title="No results">No API keys match this search.</EmptyState>
    ) : (
      <EmptyState title="No API keys yet">
        {options
          ? "Create one and point the OpenAI SDK at this gateway."
          : "API keys that you can access appear here."}
      </EmptyState>
    );
  }
  return (
    <>
      <KeyTable
        keys={page.data}
        nowMs={Date.now()}
        role={ctx.actor.role}
        options={options}
        actions={keyActions}
      />
      <Pager
        shown={page.data.length}
        noun="key"
        cursor={cursor}
        nextCursor={page.next_cursor}
        hrefAt={(at) => keysHref("/keys", { ...params, cursor: at, new: null })}
      />
    </>
  );
}
