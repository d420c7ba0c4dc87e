"use client";

import { type LucideIcon, MoreHorizontal, Pencil, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, type RefObject, useRef, useState } from "react";
import { Button } from "#components/ui/button";
import { cn } from "#components/ui/cn";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "#components/ui/dropdown-menu";
import { showDone } from "#components/ui/toast";
import type { ActionResult } from "#lib/http/action-result";
import { Confirmation, type ConfirmationText } from "./confirmation";
import { FormDialog, type FormDialogControls } from "./form-dialog";

type Shared = { label: string; icon: LucideIcon; danger?: boolean; title: string };

/** An action that asks for confirmation, then runs. */
export type ConfirmedAction = Shared &
  ConfirmationText & {
    run: () => Promise<ActionResult<unknown>>;
    toast: string;
    /** The page to open afterwards, for an action that deletes the page's own subject. */
    leaveTo?: string;
  };

/** An action with a form. */
export type FormAction = Shared & {
  description: string;
  narrow?: boolean;
  /** `done` closes the dialog and shows a toast. */
  form: (dialog: FormDialogControls & { done: (toast: string) => void }) => ReactNode;
};

export type MenuAction = ConfirmedAction | FormAction;

export const editAction = (name: string, form: FormAction["form"]): FormAction => ({
  label: "Edit",
  icon: Pencil,
  title: `Edit “${name}”`,
  description: "Takes effect on the next request.",
  form,
});

/** @param noun "user" */
export const deleteAction = (
  noun: string,
  { name, ...action }: { name: string } & Pick<ConfirmedAction, "description" | "run" | "leaveTo">,
): ConfirmedAction => ({
  label: "Delete",
  icon: Trash2,
  danger: true,
  title: `Delete “${name}”?`,
  confirm: `Delete ${noun}`,
  toast: `${noun.charAt(0).toUpperCase()}${noun.slice(1)} deleted.`,
  ...action,
});

type Props = {
  /** What the actions apply to, for screen readers. */
  name: string;
  /** The first has a button of its own, the others are in the menu. */
  actions: readonly [MenuAction, ...MenuAction[]];
  /** Whether they end a table row rather than a page header or card. */
  inRow?: boolean;
  size?: "sm" | "md";
};

/** What can be done with one entity: buttons, a menu and the dialog of each action. */
export function ActionsMenu({ name, actions, inRow = false, size = "md" }: Props) {
  const [open, setOpen] = useState<string | null>(null);
  const router = useRouter();
  const [first, ...others] = actions;
  const firstButton = useRef<HTMLButtonElement>(null);
  const menuButton = useRef<HTMLButtonElement>(null);
  const close = () => setOpen(null);
  const dialogOf = (action: MenuAction) => {
    const { label, title } = action;
    const returnTo = action === first ? firstButton : menuButton;
    if ("run" in action) {
      const { description, confirm, harmless, run, leaveTo } = action;
      return (
        <Confirmation
          key={label}
          open={open === label}
          onClose={close}
          {...{ returnTo, title, description, confirm, harmless, run }}
          onDone={() => {
            showDone(action.toast);
            if (leaveTo !== undefined) router.push(leaveTo);
          }}
        />
      );
    }
    const { description, narrow, form } = action;
    return (
      <FormDialog
        key={label}
        open={open === label}
        onOpenChange={(next) => setOpen(next ? label : null)}
        {...{ returnTo, title, description, narrow }}
        form={(dialog) =>
          form({
            ...dialog,
            done: (text) => {
              dialog.close();
              showDone(text);
            },
          })
        }
      />
    );
  };
  const content = (
    <>
      {inRow ? (
        <RowButton action={first} name={name} button={firstButton} onClick={() => setOpen(first.label)} />
      ) : (
        <Button ref={firstButton} size={size} onClick={() => setOpen(first.label)}>
          <first.icon aria-hidden="true" />
          {first.label}
        </Button>
      )}
      {others.length > 0 ? (
        <Menu {...{ name, inRow, actions: others, button: menuButton, onSelect: setOpen }} />
      ) : null}
      {actions.map(dialogOf)}
    </>
  );
  return inRow ? <span className="flex items-center justify-end gap-0.5">{content}</span> : content;
}

type MenuProps = {
  name: string;
  actions: readonly MenuAction[];
  inRow: boolean;
  button: RefObject<HTMLButtonElement | null>;
  onSelect: (label: string) => void;
};

function Menu({ name, actions, inRow, button, onSelect }: MenuProps) {
  const look = inRow
    ? ({ variant: "ghost", size: "sm", className: "px-1.5 text-ink-3" } as const)
    : ({ size: "icon" } as const);
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button ref={button} {...look} aria-label={`More actions for ${name}`}>
          <MoreHorizontal aria-hidden="true" />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        {actions.map(({ label, icon: Icon, danger }) => (
          <DropdownMenuItem key={label} danger={danger} onSelect={() => onSelect(label)}>
            <Icon aria-hidden="true" />
            {label}
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

type RowButtonProps = {
  action: MenuAction;
  name: string;
  button: RefObject<HTMLButtonElement | null>;
  onClick: () => void;
};

/** A word, or on narrow screens its icon. */
function RowButton({ action: { label, icon: Icon, danger }, name, button, onClick }: RowButtonProps) {
  return (
    <Button
      ref={button}
      variant="ghost"
      size="sm"
      className={cn("px-2 text-ink-3", danger && "hover:bg-danger-soft hover:text-danger")}
      aria-label={`${label} ${name}`}
      onClick={onClick}
    >
      <Icon className="sm:hidden" aria-hidden="true" />
      <span className="hidden sm:inline">{label}</span>
    </Button>
  );
}
