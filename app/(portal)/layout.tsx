import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { FindChoices } from "#components/fields/find-choices";
import { roleName } from "#components/format/role-name";
import { Shell } from "#components/shell/shell";
import { THEME_COOKIE, themeOf } from "#components/shell/theme";
import { currentActor } from "#lib/auth/session";
import { findOrganizationsAction, findUsersAction } from "./choices/actions";

export default async function PortalLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor();
  // Each page checks its own session and knows where to return after sign-in; the layout is only the frame.
  if (actor === null) return children;
  const theme = themeOf((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <FindChoices organizations={findOrganizationsAction} users={findUsersAction}>
      <Shell
        user={{ name: actor.name, email: actor.email, role: roleName(actor.role) }}
        access={{ role: actor.role, userId: actor.id, organizationId: actor.organizationId }}
        theme={theme}
      >
        {children}
      </Shell>
    </FindChoices>
  );
}
