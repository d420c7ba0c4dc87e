"use client";

import { Ban, CalendarPlus, CircleDollarSign, KeyRound, UserCog, X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { ActionsMenu, type FormAction } from "#components/dialogs/actions-menu";
import { count } from "#components/format/count";
import { plural } from "#components/format/limit-words";
import { Button } from "#components/ui/button";
import type { Role } from "#lib/auth/actor";
import type { bulkUpdateUsers } from "#lib/services/users/bulk-update-users";
import type { ActionOf, InputOf } from "#lib/services/verb";
import { BulkForm, type BulkKind } from "./bulk-form";

type Bulk = InputOf<typeof bulkUpdateUsers>;

type Props = {
  /** Of the list whose page the table is. */
  filter: NonNullable<Bulk["filter"]>;
  /** How many users the filter matches, if that is more than the page; null for too many to change at once. */
  matching: number | null | undefined;
  roles: readonly Role[];
  bulk: ActionOf<typeof bulkUpdateUsers>;
  /** The table, with a checkbox in each row and one for the page. */
  children: ReactNode;
};

const boxesIn = (root: HTMLElement | null): HTMLInputElement[] => [
  ...(root?.querySelectorAll<HTMLInputElement>('input[type=checkbox][name="user"]') ?? []),
];

/**
 * Selects users of a table, or all that match its filter, and changes them together. One handler for all rows, as in
 * `FollowedLinks`.
 */
export function UserSelection({ filter, matching, roles, bulk, children }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const [ids, setIds] = useState<readonly string[]>([]);
  const [onPage, setOnPage] = useState(0);
  const [all, setAll] = useState(false);

  const read = () => {
    const boxes = boxesIn(root.current);
    const checked = boxes.filter((box) => box.checked).map((box) => box.value);
    setIds(checked);
    setOnPage(boxes.length);
    if (checked.length < boxes.length) setAll(false);
    const page = root.current?.querySelector<HTMLInputElement>('input[name="page"]');
    if (!page) return;
    page.checked = checked.length > 0 && checked.length === boxes.length;
    page.indeterminate = checked.length > 0 && !page.checked;
  };
  const select = (checked: boolean) => {
    for (const box of boxesIn(root.current)) box.checked = checked;
    read();
  };
  // Other rows, or what was checked before the scripts ran.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it reads the rows that `children` are.
  useEffect(read, [children]);

  const most = all && matching ? matching : ids.length;
  return (
    <div
      ref={root}
      onChange={({ target }) => {
        if (target instanceof HTMLInputElement && target.name === "page") select(target.checked);
        else read();
      }}
    >
      {children}
      {ids.length === 0 ? null : (
        <section
          aria-label="Selected users"
          data-selection
          className="-translate-x-1/2 fixed bottom-4 left-1/2 z-40 flex w-max max-w-[calc(100vw-1.5rem)] animate-rise flex-wrap items-center gap-x-3 gap-y-2 rounded-xl bg-raised py-2 pr-2 pl-4 shadow-pop"
        >
          <p role="status" className="figures whitespace-nowrap text-ink text-sm">
            {all ? `All ${count(most)} selected` : `${count(most)} selected`}
          </p>
          {all || ids.length < onPage || matching === undefined ? null : matching === null ? (
            <p className="text-ink-3 text-xs">Narrow the filter to select all: more than 1,000 match.</p>
          ) : (
            <Button size="sm" variant="ghost" className="text-accent" onClick={() => setAll(true)}>
              Select all {count(matching)} that match
            </Button>
          )}
          <span className="flex items-center gap-2">
            <ActionsMenu
              name="the selected users"
              actions={actionsFor({
                who: all ? { filter } : { ids: [...ids] },
                most,
                roles,
                bulk,
                done: () => select(false),
              })}
            />
            <Button size="icon" variant="ghost" aria-label="Clear selection" onClick={() => select(false)}>
              <X aria-hidden="true" />
            </Button>
          </span>
        </section>
      )}
    </div>
  );
}

type Chosen = {
  who: Pick<Bulk, "ids" | "filter">;
  most: number;
  roles: readonly Role[];
  bulk: ActionOf<typeof bulkUpdateUsers>;
  done: () => void;
};

const ACTIONS = [
  { kind: "extend", label: "Extend payment", icon: CalendarPlus, title: "Extend the payment" },
  { kind: "role", label: "Change role", icon: UserCog, title: "Change the role" },
  { kind: "budget", label: "Set budget", icon: CircleDollarSign, title: "Set the budget" },
  { kind: "deactivate", label: "End payment", icon: Ban, danger: true, title: "End the payment" },
  { kind: "revoke", label: "Revoke keys", icon: KeyRound, danger: true, title: "Revoke the keys" },
] as const satisfies readonly (Pick<FormAction, "label" | "icon" | "title" | "danger"> & {
  kind: BulkKind;
})[];

function actionsFor({ most, ...chosen }: Chosen): [FormAction, ...FormAction[]] {
  const [first, ...others] = ACTIONS;
  const actionOf = ({ kind, title, ...look }: (typeof ACTIONS)[number]): FormAction => ({
    ...look,
    title: `${title} of ${plural(most, "user")}`,
    description: "You see what changes before it does. All of it is changed, or nothing.",
    form: (dialog) => <BulkForm kind={kind} {...chosen} dialog={dialog} />,
  });
  return [actionOf(first), ...others.map(actionOf)];
}
