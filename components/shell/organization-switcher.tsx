"use client";

import { Building2, Check, ChevronsUpDown } from "lucide-react";
import { useTransition } from "react";
import { roleName } from "#components/format/role-name";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "#components/ui/dropdown-menu";
import { showError } from "#components/ui/toast";
import type { MembershipOption } from "#lib/portal/account/memberships";
import type { switchOrganization } from "#lib/services/sessions/switch-organization";
import type { ActionOf } from "#lib/services/verb";

export type Switcher = {
  memberships: readonly MembershipOption[];
  /** The membership of this session. */
  currentId: string;
  switchTo: ActionOf<typeof switchOrganization>;
};

const nameOf = ({ organizationName }: MembershipOption) => organizationName ?? "All organizations";

/** Chooses the organization that the portal shows, for a person who is a member of several. */
export function OrganizationSwitcher({ memberships, currentId, switchTo }: Switcher) {
  const [pending, startTransition] = useTransition();
  const choose = (userId: string) =>
    startTransition(async () => {
      const result = await switchTo({ user_id: userId });
      // A new document: nothing of the other organization stays in memory.
      if (result.ok) window.location.assign("/");
      else showError(result.error.message);
    });
  const current = memberships.find(({ userId }) => userId === currentId);
  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        disabled={pending}
        aria-label={`Organization: ${current ? nameOf(current) : "unknown"}`}
        className="flex w-full items-center gap-2.5 rounded-md border bg-surface px-2.5 py-1.5 text-left text-sm transition-colors hover:bg-sunken data-[state=open]:bg-sunken"
      >
        <Building2 className="size-4 shrink-0 text-ink-3" aria-hidden="true" />
        <span className="min-w-0 flex-1 truncate font-medium text-ink">{current ? nameOf(current) : ""}</span>
        <ChevronsUpDown className="size-3.5 shrink-0 text-ink-3" aria-hidden="true" />
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" className="w-56">
        {memberships.map((membership) => (
          <DropdownMenuItem
            key={membership.userId}
            disabled={membership.userId === currentId}
            onSelect={() => choose(membership.userId)}
          >
            <span className="min-w-0 flex-1">
              <span className="block truncate">{nameOf(membership)}</span>
              <span className="block text-ink-3 text-xs">{roleName(membership.role)}</span>
            </span>
            {membership.userId === currentId ? <Check aria-hidden="true" /> : null}
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
