import {
  AppWindow,
  ArrowLeftRight,
  Ban,
  Bell,
  Boxes,
  Building2,
  CalendarClock,
  ChartNoAxesColumn,
  ChartPie,
  CircleUserRound,
  KeyRound,
  type LucideIcon,
  ScrollText,
  SquareTerminal,
  Users,
  Waypoints,
  Webhook,
} from "lucide-react";
import type { Role } from "#lib/auth/actor";

/** The parts of the signed-in user that decide which pages they may open. */
export type Access = { role: Role; userId: string; organizationId: string | null };

export type PortalPage = { href: string; label: string; Icon: LucideIcon };
export type PageGroup = { label: string | null; pages: PortalPage[] };

/** The pages that a user may open, in the order of the navigation. */
export function pagesFor({ role, userId, organizationId }: Access): PageGroup[] {
  const keys = { href: "/keys", label: "API keys", Icon: KeyRound };
  const models = { href: "/models", label: "Models", Icon: Boxes };
  const groups: PageGroup[] = [
    {
      label: null,
      pages: [
        { href: "/", label: "Overview", Icon: ChartNoAxesColumn },
        { href: "/usage", label: "Usage", Icon: ChartPie },
        { href: "/requests", label: "Requests", Icon: ArrowLeftRight },
        { href: "/rejections", label: "Rejections", Icon: Ban },
        { href: "/notices", label: "Notices", Icon: Bell },
        ...(role === "member"
          ? [keys, { href: `/users/${userId}`, label: "My account", Icon: CircleUserRound }]
          : []),
        ...(role === "admin" ? [] : [models]),
      ],
    },
  ];
  if (role === "member") return groups;
  const organization =
    role === "admin"
      ? { href: "/organizations", label: "Organizations", Icon: Building2 }
      : { href: `/organizations/${organizationId}`, label: "Organization", Icon: Building2 };
  groups.push({
    label: "Access",
    pages: [
      ...(role === "admin" || organizationId !== null ? [organization] : []),
      { href: "/users", label: "Users", Icon: Users },
      { href: "/payments", label: "Payments", Icon: CalendarClock },
      keys,
      { href: "/apps", label: "Apps", Icon: AppWindow },
    ],
  });
  if (role === "viewer") return groups;
  if (role === "admin") {
    const providers = { href: "/providers", label: "Providers", Icon: Waypoints };
    groups.push({ label: "Routing", pages: [providers, models] });
  }
  groups.push({
    label: "Administration",
    pages: [
      { href: "/tokens", label: "Admin tokens", Icon: SquareTerminal },
      { href: "/webhooks", label: "Webhooks", Icon: Webhook },
      { href: "/audit", label: "Audit log", Icon: ScrollText },
    ],
  });
  return groups;
}
