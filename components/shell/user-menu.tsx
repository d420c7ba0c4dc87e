"use client";

import { ChevronsUpDown, CircleUserRound, LogOut } from "lucide-react";
import Link from "next/link";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "#components/ui/dropdown-menu";

/** The signed-in user, for display. */
export type ShellUser = { name: string; email: string; role: string };

export function UserMenu({ user }: { user: ShellUser }) {
  const leave = async () => {
    // Nothing else of it is needed on a page.
    const { signOut } = await import("next-auth/react");
    // next-auth's own redirect goes to NEXTAUTH_URL, even if this page has another host.
    await signOut({ redirect: false });
    window.location.assign("/sign-in");
  };
  return (
    <DropdownMenu>
      <DropdownMenuTrigger className="flex w-full items-center gap-2.5 rounded-md p-1.5 text-left transition-colors hover:bg-sunken data-[state=open]:bg-sunken">
        <span
          className="flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft font-medium text-accent text-xs"
          aria-hidden="true"
        >
          {initials(user.name)}
        </span>
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium text-ink text-sm leading-4">{user.name}</span>
          <span className="block truncate text-ink-3 text-xs">{user.role}</span>
        </span>
        <ChevronsUpDown className="size-3.5 shrink-0 text-ink-3" aria-hidden="true" />
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" side="top" className="w-56">
        <p className="truncate px-2 py-1.5 text-ink-3 text-xs">{user.email}</p>
        <DropdownMenuSeparator />
        <DropdownMenuItem asChild>
          <Link href="/account">
            <CircleUserRound aria-hidden="true" />
            Account
          </Link>
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={leave}>
          <LogOut aria-hidden="true" />
          Sign out
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

function initials(name: string): string {
  const [first = "", ...rest] = name.split(/[\s@._-]+/).filter(Boolean);
  return `${first.charAt(0)}${rest[0]?.charAt(0) ?? ""}`.toUpperCase();
}
