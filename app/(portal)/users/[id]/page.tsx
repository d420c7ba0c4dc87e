import type { Metadata } from "next";
import { roleName } from "#components/format/role-name";
import { DetailHeader } from "#components/shell/detail-header";
import { DetailSkeleton } from "#components/shell/detail-skeleton";
import { Badge } from "#components/ui/badge";
import { UserActions } from "#components/users/user-actions";
import { userFormOptions } from "#lib/portal/users/user-form-options";
import { getUser } from "#lib/services/users/get-user";
import { mayManageUser } from "#lib/services/users/user-access";
import { userTitle } from "#lib/services/users/user-title";
import { orNotFound } from "../../or-not-found";
import { serviceContext } from "../../service-context";
import { Streamed } from "../../streamed";
import {
  adjustUserAction,
  deleteUserAction,
  inviteUserAction,
  resetUsageAction,
  updateUserAction,
} from "../actions";
import { UserDetails } from "./user-details";

export const metadata: Metadata = { title: "User" };

export default async function UserPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const ctx = await serviceContext(`/users/${encodeURIComponent(id)}`);
  const { actor } = ctx;
  const user = await orNotFound(getUser(ctx, { id }));
  const options = mayManageUser(actor, user) ? await userFormOptions(ctx, user.organization_id) : null;
  return (
    <>
      <DetailHeader
        back={actor.role === "member" ? null : { href: "/users", label: "Users" }}
        title={userTitle(user)}
        badge={<Badge tone="outline">{roleName(user.role)}</Badge>}
        idLabel="user ID"
        id={user.id}
      >
        {options ? (
          <UserActions
            user={user}
            options={options}
            isSelf={actor.id === user.id}
            actions={{
              adjust: actor.role === "admin" ? adjustUserAction : null,
              update: updateUserAction,
              invite: inviteUserAction,
              reset: resetUsageAction,
              remove: deleteUserAction,
            }}
          />
        ) : null}
      </DetailHeader>
      <Streamed id={user.id} fallback={<DetailSkeleton what="the user" />}>
        <UserDetails ctx={ctx} user={user} mayManage={options !== null} />
      </Streamed>
    </>
  );
}
