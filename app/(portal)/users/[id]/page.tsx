import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { roleName } from "#components/format/role-name";
import { DetailHeader } from "#components/shell/detail-header";
import { DetailSkeleton } from "#components/shell/detail-skeleton";
import { Badge } from "#components/ui/badge";
import { UserActions } from "#components/users/user-actions";
import { externalIdIn, externalUsers } from "#lib/portal/users/external-users";
import { userFormOptions } from "#lib/portal/users/user-form-options";
import type { ServiceContext } from "#lib/services/context";
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
import { SameExternalId } from "./same-external-id";
import { UserDetails } from "./user-details";

export const metadata: Metadata = { title: "User" };

export default async function UserPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const externalId = externalIdIn(id);
  const inAddress = externalId === null ? id : `external_id:${externalId}`;
  const ctx = await serviceContext(`/users/${encodeURIComponent(inAddress)}`);
  if (externalId !== null) return <UserByExternalId ctx={ctx} externalId={externalId} />;
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

async function UserByExternalId({ ctx, externalId }: { ctx: ServiceContext; externalId: string }) {
  const users = await externalUsers(ctx, externalId);
  const [first] = users;
  if (first === undefined) notFound();
  if (users.length === 1) redirect(`/users/${first.id}`);
  return <SameExternalId externalId={externalId} users={users} />;
}
