import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { roleName } from "#components/format/role-name";
import { Shell } from "#components/shell/shell";
import { THEME_COOKIE, themeOf } from "#components/shell/theme";
import { currentActor } from "#lib/auth/session";

export default async function PortalLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor();
  // Every page asks for its actor by itself and knows where to come back to; the layout only dresses it.
  if (actor === null) return children;
  const theme = themeOf((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <Shell
      user={{ name: actor.name, email: actor.email, role: roleName(actor.role) }}
      access={{ role: actor.role, userId: actor.id, organizationId: actor.organizationId }}
      theme={theme}
    >
      {children}
    </Shell>
  );
}
