import { Pager } from "#components/filters/pager";
import { TokenTable } from "#components/tokens/token-table";
import { EmptyState } from "#components/ui/empty-state";
import { adminTokenTable } from "#lib/portal/admin-tokens/admin-token-table";
import type { ServiceContext } from "#lib/services/context";
import { deleteTokenAction } from "./actions";
import { type TokenParams, tokensHref } from "./token-params";

export async function TokenList({ ctx, params: { cursor } }: { ctx: ServiceContext; params: TokenParams }) {
  const { data, next_cursor } = await adminTokenTable(ctx, { cursor: cursor ?? undefined });
  if (data.length === 0) {
    return (
      <EmptyState title="No admin tokens yet">
        Create one to use the command line, <code>npx tollgate</code>, or the Admin API.
      </EmptyState>
    );
  }
  return (
    <>
      <TokenTable tokens={data} nowMs={Date.now()} remove={deleteTokenAction} />
      <Pager
        shown={data.length}
        noun="token"
        cursor={cursor}
        nextCursor={next_cursor}
        hrefAt={(at) => tokensHref("/tokens", { cursor: at })}
      />
    </>
  );
}
