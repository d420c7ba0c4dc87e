import { cookies, headers } from "next/headers";
import type { ReactNode } from "react";
import { FindChoices } from "#components/fields/find-choices";
import { roleName } from "#components/format/role-name";
import { Shell } from "#components/shell/shell";
import { THEME_COOKIE, themeOf } from "#components/shell/theme";
import type { Session } from "#lib/auth/read-actor";
import { currentSession } from "#lib/auth/session";
import { membershipsOf } from "#lib/portal/account/memberships";
import { unreadNotices } from "#lib/portal/notices/unread-notices";
import { contextOf, type ServiceContext } from "#lib/services/context";
import { findAnythingAction, findOrganizationsAction, findUsersAction } from "./choices/actions";
import { switchOrganizationAction } from "./sessions/actions";

export default async function PortalLayout({ children }: { children: ReactNode }) {
  const session = await currentSession();
  // Each page checks its own session and knows where to return after sign-in; the layout is only the frame.
  if (session === null) return children;
  const { actor } = session;
  const theme = themeOf((await cookies()).get(THEME_COOKIE)?.value);
  const ctx = contextOf(actor, await headers());
  return (
    <FindChoices organizations={findOrganizationsAction} users={findUsersAction}>
      <Shell
        user={{ name: actor.name, email: actor.email, role: roleName(actor.role) }}
        access={{ role: actor.role, userId: actor.id, organizationId: actor.organizationId }}
        counts={{ "/notices": await unreadNotices(ctx) }}
        theme={theme}
        find={findAnythingAction}
        switcher={await switcherOf(session, ctx)}
      >
        {children}
      </Shell>
    </FindChoices>
  );
}

/** Most people have one membership, and cost no query. */
async function switcherOf({ accountId, memberships, actor }: Session, ctx: ServiceContext) {
  if (memberships < 2) return null;
  return {
    memberships: await membershipsOf(ctx, accountId),
    currentId: actor.id,
    switchTo: switchOrganizationAction,
  };
}
