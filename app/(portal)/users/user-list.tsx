import { NoResults } from "#components/filters/no-results";
import { Pager } from "#components/filters/pager";
import { EmptyState } from "#components/ui/empty-state";
import { UserSelection } from "#components/users/user-selection";
import { UserTable } from "#components/users/user-table";
import { matchingUsers } from "#lib/portal/users/matching-users";
import type { UserFormOptions } from "#lib/portal/users/user-form-options";
import { userTable } from "#lib/portal/users/user-table";
import type { ServiceContext } from "#lib/services/context";
import { mayManageUser } from "#lib/services/users/user-access";
import { bulkUpdateUsersAction } from "./actions";
import { type UserParams, userFilterOf, usersHref } from "./user-params";

type Props = {
  ctx: ServiceContext;
  params: UserParams;
  /** Null for those who may not change users. */
  options: UserFormOptions | null;
};

export async function UserList({ ctx, params, options }: Props) {
  const { q, organization, payment, role, metadata, cursor } = params;
  const filter = userFilterOf(params);
  const { data, next_cursor } = await userTable(ctx, { ...filter, cursor: cursor ?? undefined });
  if (data.length === 0) {
    const isFiltered = q !== "" || Boolean(organization || payment || role || metadata);
    return <NoUsers filtered={isFiltered} mayCreate={options !== null} />;
  }
  const mayChange = new Set(data.filter((user) => mayManageUser(ctx.actor, user)).map(({ id }) => id));
  const table = (
    <UserTable
      users={data}
      nowMs={Date.now()}
      showOrganization={ctx.actor.role === "admin"}
      selectable={options === null ? null : mayChange}
    />
  );
  const isWhole = cursor === null && next_cursor === null;
  return (
    <>
      {options === null ? (
        table
      ) : (
        <UserSelection
          key={JSON.stringify(filter)}
          filter={filter}
          matching={isWhole ? null : await matchingUsers(ctx, filter)}
          roles={options.roles}
          bulk={bulkUpdateUsersAction}
        >
          {table}
        </UserSelection>
      )}
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
