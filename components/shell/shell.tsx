import Link from "next/link";
import type { ReactNode } from "react";
import { Logo } from "#components/brand/logo";
import type { findAnything } from "#lib/services/finding/find-anything";
import type { ActionOf } from "#lib/services/verb";
import { CommandMenu } from "./command-menu";
import { MobileBar } from "./mobile-bar";
import { type Counts, Navigation } from "./navigation";
import { OrganizationSwitcher, type Switcher } from "./organization-switcher";
import type { Access } from "./pages";
import type { Theme } from "./theme";
import { ThemeToggle } from "./theme-toggle";
import { type ShellUser, UserMenu } from "./user-menu";

type ShellProps = {
  user: ShellUser;
  access: Access;
  counts: Counts;
  theme: Theme;
  find: ActionOf<typeof findAnything>;
  /** Null for a person with one membership. */
  switcher: Switcher | null;
  children: ReactNode;
};

/** The frame of every page: navigation and account menu. */
export function Shell({ user, access, counts, theme, find, switcher, children }: ShellProps) {
  const foot = (
    <>
      {switcher ? <OrganizationSwitcher {...switcher} /> : null}
      <div className="px-1.5">
        <ThemeToggle initial={theme} />
      </div>
      <UserMenu user={user} />
    </>
  );
  return (
    <div className="lg:pl-58">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        Skip to content
      </a>
      <aside className="fixed inset-y-0 left-0 hidden w-58 flex-col border-r p-3 lg:flex">
        <Link href="/" aria-label="Tollgate, overview" className="mt-1 mb-5 ml-1.5 flex w-fit rounded-sm">
          <Logo />
        </Link>
        <div className="mb-4">
          <CommandMenu access={access} find={find} />
        </div>
        <div className="-mx-3 min-h-0 flex-1 overflow-y-auto px-3 pb-3">
          <Navigation access={access} counts={counts} />
        </div>
        <div className="flex flex-col gap-3">{foot}</div>
      </aside>
      <MobileBar access={access} counts={counts}>
        {foot}
      </MobileBar>
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto max-w-320 px-4 py-6 outline-none has-[[data-selection]]:pb-28 sm:px-6 lg:px-8 lg:py-8 lg:has-[[data-selection]]:pb-28"
      >
        {children}
      </main>
    </div>
  );
}
