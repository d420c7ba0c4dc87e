import type { Role } from "#lib/auth/actor";

/** What the command menu can begin, for those who may. */
export type Shortcut = { label: string; href: string; role: Role };

const SHORTCUTS: readonly Shortcut[] = [
  { label: "Create key", href: "/keys?new=true", role: "member" },
  { label: "Create user", href: "/users?new=true", role: "org_admin" },
  { label: "Create app", href: "/apps?new=true", role: "org_admin" },
  { label: "Create organization", href: "/organizations?new=true", role: "admin" },
  { label: "Add provider", href: "/providers?new=true", role: "admin" },
  { label: "Create model", href: "/models?new=true", role: "admin" },
  { label: "Create admin token", href: "/tokens?new=true", role: "org_admin" },
];

/** Viewers change nothing. */
const RANK: Readonly<Record<Role, number>> = { viewer: 0, member: 1, org_admin: 2, admin: 3 };

export const shortcutsFor = (role: Role): readonly Shortcut[] =>
  SHORTCUTS.filter((shortcut) => RANK[role] >= RANK[shortcut.role]);
