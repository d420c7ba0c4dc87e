import { KeyTable } from "#components/tables/key-table";
import { Pager } from "#components/tables/pager";
import { EmptyState } from "#components/ui/empty-state";
import type { ServiceContext } from "#lib/services/context";
import type { KeyFormOptions } from "#lib/services/keys/key-form-options";
import { listKeys } from "#lib/services/keys/list-keys";
import { revokeKeyAction, rotateKeyAction, updateKeyAction } from "./actions";
import { keysHref, type loadKeyParams } from "./key-params";

type Props = {
  ctx: ServiceContext;
  params: Awaited<ReturnType<typeof loadKeyParams>>;
  options: KeyFormOptions | null;
};

export async function KeyList({ ctx, params, options }: Props) {
  const { status, q, cursor } = params;
  const page = await listKeys(ctx, { status, search: q || undefined, cursor: cursor ?? undefined });
  if (page.data.length === 0) {
    return status !== "all" || q !== "" ? (
      <EmptyState title="Nothing matches">No key fits this search.</EmptyState>
    ) : (
      <EmptyState title="No keys yet">
        {options
          ? "Create the first one with “New key”, and point the OpenAI SDK at this address."
          : "As soon as somebody makes a key that you may see, it is listed here."}
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
        actions={{ update: updateKeyAction, rotate: rotateKeyAction, revoke: revokeKeyAction }}
      />
      <Pager
        shown={page.data.length}
        what={page.data.length === 1 ? "key" : "keys"}
        newestHref={cursor === null ? null : keysHref("/keys", { status, q })}
        olderHref={
          page.next_cursor === null ? null : keysHref("/keys", { status, q, cursor: page.next_cursor })
        }
      />
    </>
  );
}
