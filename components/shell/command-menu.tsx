"use client";

import { Search } from "lucide-react";
import dynamic from "next/dynamic";
import { useEffect, useRef, useState } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import type { findAnything } from "#lib/services/finding/find-anything";
import type { ActionOf } from "#lib/services/verb";
import type { Access } from "./pages";

/** Loaded when it is opened first: most pages are left without it. */
const CommandList = dynamic(() => import("./command-list").then((module) => module.CommandList), {
  ssr: false,
  loading: () => <p className="px-5 pb-5 text-ink-3 text-sm">Loading…</p>,
});

type Props = { access: Access; find: ActionOf<typeof findAnything> };

const isTyping = ({ target }: KeyboardEvent): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));

const OPENS = "tollgate-search";

/** Opens the menu from anywhere on the page. */
export const openCommandMenu = () => window.dispatchEvent(new Event(OPENS));

/** A button that searches pages, actions and everything with a name or an id, also by ⌘K or Ctrl+K. `?` lists the keys. */
export function CommandMenu({ access, find }: Props) {
  const [open, setOpen] = useState<"search" | "keys" | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const search = () => setOpen("search");
    function onKeyDown(event: KeyboardEvent) {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setOpen((current) => (current === "search" ? null : "search"));
      } else if (event.key === "?" && !isTyping(event)) {
        // A dialog that is open keeps its own keys.
        if (document.querySelector("[role=dialog], [role=alertdialog]") === null) setOpen("keys");
      }
    }
    window.addEventListener("keydown", onKeyDown);
    window.addEventListener(OPENS, search);
    return () => {
      window.removeEventListener("keydown", onKeyDown);
      window.removeEventListener(OPENS, search);
    };
  }, []);
  const close = () => setOpen(null);
  return (
    <>
      <Button ref={button} className="w-full justify-start text-ink-3" onClick={() => setOpen("search")}>
        <Search aria-hidden="true" />
        <span className="flex-1 text-left">Search</span>
        <span aria-hidden="true" className="text-ink-3 text-xs">
          ⌘K
        </span>
      </Button>
      <Dialog
        open={open === "search"}
        onOpenChange={(next) => setOpen(next ? "search" : null)}
        returnTo={button}
        title="Search"
        description="Pages, actions, and everything with a name or an id."
      >
        <CommandList access={access} find={find} onDone={close} />
      </Dialog>
      <Dialog
        open={open === "keys"}
        onOpenChange={(next) => setOpen(next ? "keys" : null)}
        returnTo={button}
        title="Keyboard shortcuts"
        className="max-w-sm"
      >
        <dl className="flex flex-col gap-2 px-5 pb-5 text-sm">
          {KEYS.map(([keys, what]) => (
            <div key={keys} className="flex justify-between gap-4">
              <dt className="text-ink-2">{what}</dt>
              <dd>
                <kbd className="rounded-sm border bg-sunken px-1.5 py-0.5 font-sans text-ink text-xs">
                  {keys}
                </kbd>
              </dd>
            </div>
          ))}
        </dl>
      </Dialog>
    </>
  );
}

const KEYS = [
  ["⌘K or Ctrl K", "Search"],
  ["?", "These shortcuts"],
  ["Esc", "Close a dialog or a menu"],
] as const;
