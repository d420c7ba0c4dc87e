"use client";

import { Menu, Search, X } from "lucide-react";
import Link from "next/link";
import { Dialog } from "radix-ui";
import { type ReactNode, useState } from "react";
import { Logo } from "#components/brand/logo";
import { Button } from "#components/ui/button";
import { openCommandMenu } from "./command-menu";
import { type Counts, Navigation } from "./navigation";
import type { Access } from "./pages";

type Props = { access: Access; counts: Counts; children: ReactNode };

/** The sidebar on narrow screens: a bar at the top that opens a sheet. */
export function MobileBar({ access, counts, children }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <header className="sticky top-0 z-30 flex h-13 items-center justify-between border-b bg-canvas/90 px-4 backdrop-blur-md lg:hidden">
      <Link href="/" aria-label="Tollgate, overview" className="flex rounded-sm">
        <Logo />
      </Link>
      <Button
        variant="ghost"
        size="icon"
        className="ml-auto size-10"
        aria-label="Search"
        onClick={openCommandMenu}
      >
        <Search className="size-5!" aria-hidden="true" />
      </Button>
      <Dialog.Root open={open} onOpenChange={setOpen}>
        <Dialog.Trigger asChild>
          <Button variant="ghost" size="icon" className="-mr-2 size-10" aria-label="Menu">
            <Menu className="size-5!" aria-hidden="true" />
          </Button>
        </Dialog.Trigger>
        <Dialog.Portal>
          <Dialog.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
          <Dialog.Content
            aria-describedby={undefined}
            className="fixed inset-y-0 left-0 z-50 flex w-72 max-w-[85vw] animate-sheet flex-col bg-canvas p-3 shadow-pop outline-none"
          >
            <div className="mb-4 flex h-9 items-center justify-between pl-2">
              <Dialog.Title asChild>
                <div className="flex">
                  <Logo />
                </div>
              </Dialog.Title>
              <Dialog.Close asChild>
                <Button variant="ghost" size="icon" aria-label="Close">
                  <X aria-hidden="true" />
                </Button>
              </Dialog.Close>
            </div>
            <div className="-mx-3 min-h-0 flex-1 overflow-y-auto px-3 pb-3">
              <Navigation access={access} counts={counts} onNavigate={() => setOpen(false)} />
            </div>
            <div className="flex flex-col gap-3">{children}</div>
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
    </header>
  );
}
