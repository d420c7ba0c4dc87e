import { NoResults } from "#components/filters/no-results";
import { Pager } from "#components/filters/pager";
import { EmptyState } from "#components/ui/empty-state";
import { UserTable } from "#components/users/user-table";
import { userTable } from "#lib/portal/users/user-table";
import type { ServiceContext } from "#lib/services/context";
import { listQueryOf } from "../address-parsers";
import { type UserParams, usersHref } from "./user-params";

type Props = { ctx: ServiceContext; params: UserParams; mayCreate: boolean };

export async function UserList({ ctx, params, mayCreate }: Props) {
  const { q, organization, payment, role, metadata, cursor } = params;
  const { data, next_cursor } = await userTable(ctx, {
    ...listQueryOf(params),
    organization_id: organization ?? undefined,
    payment_status: payment ?? undefined,
    role: role ?? undefined,
  });
  if (data.length === 0) {
    const isFiltered = q !== "" || Boolean(organization || payment || role || metadata);
    return <NoUsers filtered={isFiltered} mayCreate={mayCreate} />;
  }
  return (
    <>
      <UserTable users={data} nowMs={Date.now()} showOrganization={ctx.actor.role === "admin"} />
      <Pager
        shown={data.length}
        noun="user"
        cursor={cursor}
        nextCursor={next_cursor}
        hrefAt={(at) => usersHref("/users", { ...params, new: null, cursor: at })}
      />
    </>
  );
}

function NoUsers({ filtered, mayCreate }: { filtered: boolean; mayCreate: boolean }) {
  return filtered ? (
    <NoResults what="users" clearHref="/users" />
  ) : (
    <EmptyState title="No users yet">
      {mayCreate ? "Create one to get started." : "Your organization’s users appear here."}
    </EmptyState>
  );
}
