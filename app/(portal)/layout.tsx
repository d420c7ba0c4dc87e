import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { Shell } from "#components/shell/shell";
import { THEME_COOKIE, themeOf } from "#components/shell/theme";
import type { Role } from "#lib/auth/actor";
import { currentActor } from "#lib/auth/session";

const ROLE_NAMES: Record<Role, string> = {
  admin: "Administrator",
  org_admin: "Organization admin",
  member: "Member",
  viewer: "Viewer",
};

export default async function PortalLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor();
  // Every page asks for its actor by itself and knows where to come back to; the layout only dresses it.
  if (actor === null) return children;
  const theme = themeOf((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <Shell user={{ name: actor.name, email: actor.email, role: ROLE_NAMES[actor.role] }} theme={theme}>
      {children}
    </Shell>
  );
}
