"use client";

import { MoreHorizontal, Pencil, RotateCcw, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Confirmation } from "#components/dialogs/confirmation";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "#components/ui/dropdown-menu";
import { useToast } from "#components/ui/toast";
import type { ActionResult } from "#lib/http/action-result";
import type { UserFormOptions } from "#lib/portal/users/user-form-options";
import type { User } from "#lib/services/users/user";
import { ResetUsageForm } from "./reset-usage-form";
import { type UserDraft, UserForm } from "./user-form";

type Props = {
  user: User;
  options: UserFormOptions;
  /** Nobody deletes themselves. */
  isSelf: boolean;
  actions: {
    update: (changes: UserDraft & { id: string }) => Promise<ActionResult<User>>;
    reset: (input: { id: string; reason?: string }) => Promise<ActionResult<unknown>>;
    remove: (input: { id: string }) => Promise<ActionResult<unknown>>;
  };
};

/** What can be done with a user, by whoever may. */
export function UserActions({ user, options, isSelf, actions }: Props) {
  const { id } = user;
  const called = user.name ?? user.email;
  const mayReset = user.organization_id !== null;
  const [open, setOpen] = useState<"edit" | "reset" | "delete" | null>(null);
  const toast = useToast();
  const router = useRouter();
  const close = () => setOpen(null);
  const onOpenChange = (next: boolean) => {
    if (!next) close();
  };
  return (
    <>
      <Button onClick={() => setOpen("edit")}>
        <Pencil aria-hidden="true" />
        Edit
      </Button>
      {mayReset || !isSelf ? (
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button size="icon" aria-label={`More for ${called}`}>
              <MoreHorizontal aria-hidden="true" />
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent align="end">
            {mayReset ? (
              <DropdownMenuItem onSelect={() => setOpen("reset")}>
                <RotateCcw aria-hidden="true" />
                Reset usage
              </DropdownMenuItem>
            ) : null}
            {isSelf ? null : (
              <DropdownMenuItem danger onSelect={() => setOpen("delete")}>
                <Trash2 aria-hidden="true" />
                Delete
              </DropdownMenuItem>
            )}
          </DropdownMenuContent>
        </DropdownMenu>
      ) : null}
      <Dialog
        open={open === "edit"}
        onOpenChange={onOpenChange}
        title={`Edit “${called}”`}
        description="It counts from the next request on."
      >
        <UserForm
          user={user}
          options={options}
          send={(draft) => actions.update({ ...draft, id })}
          onCancel={close}
          onSaved={(saved) => {
            close();
            toast(`“${saved.name ?? saved.email}” is saved.`);
          }}
        />
      </Dialog>
      <Dialog
        open={open === "reset"}
        onOpenChange={onOpenChange}
        className="max-w-md"
        title={`Reset the usage of “${called}”?`}
        description="What the running period has spent is taken back by an adjustment in the ledger. The organization’s own budget and the reports stay as they are."
      >
        <ResetUsageForm
          id={id}
          reset={actions.reset}
          onCancel={close}
          onDone={() => {
            close();
            toast(`The usage of “${called}” is reset.`);
          }}
        />
      </Dialog>
      <Confirmation
        open={open === "delete"}
        onClose={close}
        title={`Delete “${called}”?`}
        description="Their keys go with them and are refused from the next request on. What they have used stays in the ledger. This cannot be undone."
        confirm="Delete user"
        run={() => actions.remove({ id })}
        onDone={() => {
          toast(`“${called}” is deleted.`);
          router.push("/users");
        }}
      />
    </>
  );
}
