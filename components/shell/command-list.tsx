"use client";

import { Command } from "cmdk";
import { AppWindow, ArrowLeftRight, Building2, KeyRound, type LucideIcon, Plus, User } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import type { Found, findAnything } from "#lib/services/finding/find-anything";
import type { ActionOf } from "#lib/services/verb";
import { type Access, pagesFor } from "./pages";
import { shortcutsFor } from "./shortcuts";

type Props = { access: Access; find: ActionOf<typeof findAnything>; onDone: () => void };

/** A search begins when typing pauses. */
const PAUSE_MS = 200;

const KINDS: Readonly<Record<Found["kind"], { page: string; Icon: LucideIcon; word: string }>> = {
  organization: { page: "/organizations", Icon: Building2, word: "Organization" },
  user: { page: "/users", Icon: User, word: "User" },
  api_key: { page: "/keys", Icon: KeyRound, word: "API key" },
  app: { page: "/apps", Icon: AppWindow, word: "App" },
};

/** What the search has found on the server, and whether it is still under way. */
function useFound(text: string, find: Props["find"], onFound: (first: string) => void) {
  const [found, setFound] = useState<{ text: string; data: readonly Found[]; error: string | null }>({
    text: "",
    data: [],
    error: null,
  });
  useEffect(() => {
    if (text === "") return;
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const result = await find({ search: text });
      if (!isCurrent) return;
      if (result.ok && result.data.data[0] !== undefined) onFound(result.data.data[0].id);
      setFound(
        result.ok
          ? { text, data: result.data.data, error: null }
          : { text, data: [], error: result.error.message },
      );
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [text, find, onFound]);
  return { ...found, isSearching: text !== "" && found.text !== text };
}

/** The field and what fits what is typed. Requests are offered once it is known that there is nothing better. */
export function CommandList({ access, find, onDone }: Props) {
  const [typed, setTyped] = useState("");
  const router = useRouter();
  const text = typed.trim().slice(0, 100);
  const [selected, setSelected] = useState("");
  const { data, error, isSearching } = useFound(text, find, setSelected);
  const go = (href: string) => {
    onDone();
    router.push(href);
  };
  const fits = (label: string) => label.toLowerCase().includes(text.toLowerCase());
  const pages = pagesFor(access)
    .flatMap((group) => group.pages)
    .filter(({ label }) => fits(label));
  const shortcuts = shortcutsFor(access.role).filter(({ label }) => fits(label));
  return (
    <Command
      shouldFilter={false}
      label="Search"
      value={selected}
      onValueChange={setSelected}
      className="flex min-h-0 flex-col"
    >
      <div className="px-5 pb-3">
        <Command.Input
          autoFocus
          value={typed}
          onValueChange={setTyped}
          placeholder="Name, e-mail address or ID"
          className="h-9 w-full rounded-md border border-control bg-surface px-3 text-ink text-sm outline-none placeholder:text-ink-3 focus-visible:outline-2 focus-visible:outline-accent"
        />
      </div>
      <Command.List label="Results" className="min-h-0 flex-1 overflow-y-auto border-t p-2">
        {text === "" ? null : (
          <Group
            heading={
              isSearching
                ? "Searching…"
                : (error ?? (data.length > 0 ? "Found" : "Nothing has this name or ID"))
            }
          >
            {data.map(({ kind, id, name, detail }) => {
              const { page, Icon, word } = KINDS[kind];
              return (
                <Item
                  key={id}
                  value={id}
                  Icon={Icon}
                  detail={detail ?? word}
                  onSelect={() => go(`${page}/${id}`)}
                >
                  {name}
                </Item>
              );
            })}
          </Group>
        )}
        {[
          { heading: "Pages", links: pages },
          { heading: "Actions", links: shortcuts.map((shortcut) => ({ ...shortcut, Icon: Plus })) },
        ]
          .filter(({ links }) => links.length > 0)
          .map(({ heading, links }) => (
            <Group key={heading} heading={heading}>
              {links.map(({ href, label, Icon }) => (
                <Item key={href} value={href} Icon={Icon} onSelect={() => go(href)}>
                  {label}
                </Item>
              ))}
            </Group>
          ))}
        {text === "" || isSearching ? null : (
          <Item
            value="requests"
            Icon={ArrowLeftRight}
            detail="Requests"
            onSelect={() => go(`/requests?q=${encodeURIComponent(text)}`)}
          >
            Requests with the ID or session “{text}”
          </Item>
        )}
      </Command.List>
    </Command>
  );
}

const Group = ({ heading, children }: { heading: string; children: ReactNode }) => (
  <Command.Group
    heading={heading}
    className="**:[[cmdk-group-heading]]:px-2.5 **:[[cmdk-group-heading]]:py-1.5 **:[[cmdk-group-heading]]:text-ink-3 **:[[cmdk-group-heading]]:text-xs"
  >
    {children}
  </Command.Group>
);

type ItemProps = {
  value: string;
  Icon: LucideIcon;
  detail?: string;
  onSelect: () => void;
  children: ReactNode;
};

const Item = ({ value, Icon, detail, onSelect, children }: ItemProps) => (
  <Command.Item
    value={value}
    onSelect={onSelect}
    className="flex cursor-default items-center gap-2.5 rounded-md px-2.5 py-1.5 text-ink text-sm data-[selected=true]:bg-sunken"
  >
    <Icon className="size-4 shrink-0 text-ink-3" aria-hidden="true" />
    <span className="min-w-0 flex-1 truncate">{children}</span>
    {detail === undefined ? null : (
      <span className="max-w-1/2 shrink-0 truncate text-ink-3 text-xs">{detail}</span>
    )}
  </Command.Item>
);
