"use client";

import { Ban, MoreHorizontal, Pencil, Play, Trash2 } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Confirmation } from "#components/dialogs/confirmation";
import { plural } from "#components/format/limit-words";
import { Button } from "#components/ui/button";
import { Dialog, DialogFooter } from "#components/ui/dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "#components/ui/dropdown-menu";
import { useToast } from "#components/ui/toast";
import type { Role } from "#lib/auth/actor";
import type { ActionResult } from "#lib/http/action-result";
import type { Organization } from "#lib/services/organizations/organization";
import { type OrganizationDraft, OrganizationForm } from "./organization-form";

type Id = { id: string };

type Props = {
  organization: Organization;
  /** How many stand in the way of deleting it. */
  users: number;
  role: Role;
  actions: {
    update: (changes: OrganizationDraft & Id) => Promise<ActionResult<Organization>>;
    suspend: (input: Id) => Promise<ActionResult<unknown>>;
    resume: (input: Id) => Promise<ActionResult<unknown>>;
    remove: (input: Id) => Promise<ActionResult<unknown>>;
  };
};

/** What can be done with an organization: by its own admin, another name; by administrators, all of it. */
export function OrganizationActions({ organization, users, role, actions }: Props) {
  const { id, name, status } = organization;
  const [open, setOpen] = useState<"edit" | "suspend" | "resume" | "delete" | null>(null);
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
        {role === "admin" ? "Edit" : "Rename"}
      </Button>
      {role === "admin" ? (
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button size="icon" aria-label={`More for ${name}`}>
              <MoreHorizontal aria-hidden="true" />
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent align="end">
            {status === "active" ? (
              <DropdownMenuItem onSelect={() => setOpen("suspend")}>
                <Ban aria-hidden="true" />
                Suspend
              </DropdownMenuItem>
            ) : (
              <DropdownMenuItem onSelect={() => setOpen("resume")}>
                <Play aria-hidden="true" />
                Resume
              </DropdownMenuItem>
            )}
            <DropdownMenuItem danger onSelect={() => setOpen("delete")}>
              <Trash2 aria-hidden="true" />
              Delete
            </DropdownMenuItem>
          </DropdownMenuContent>
        </DropdownMenu>
      ) : null}
      <Dialog
        open={open === "edit"}
        onOpenChange={onOpenChange}
        title={role === "admin" ? `Edit “${name}”` : `Rename “${name}”`}
        description={
          role === "admin"
            ? "It counts from the next request on."
            : "Budget and limits are for administrators to change."
        }
      >
        <OrganizationForm
          organization={organization}
          mayBound={role === "admin"}
          send={(draft) => actions.update({ ...draft, id })}
          onCancel={close}
          onSaved={(saved) => {
            close();
            toast(`“${saved.name}” is saved.`);
          }}
        />
      </Dialog>
      <Confirmation
        open={open === "suspend"}
        onClose={close}
        title={`Suspend “${name}”?`}
        description="Every request of its keys and apps is refused from the next one on, until it is resumed. Nothing is lost."
        confirm="Suspend"
        run={() => actions.suspend({ id })}
        onDone={() => toast(`“${name}” is suspended.`)}
      />
      <Confirmation
        open={open === "resume"}
        onClose={close}
        title={`Resume “${name}”?`}
        description="Its keys and apps work again from the next request on."
        confirm="Resume"
        harmless
        run={() => actions.resume({ id })}
        onDone={() => toast(`“${name}” is resumed.`)}
      />
      <Dialog
        open={open === "delete" && users > 0}
        onOpenChange={onOpenChange}
        className="max-w-md"
        title={`“${name}” still has ${plural(users, "user")}`}
        description="An organization can be deleted once it has none. Delete them first, or move them to another one."
      >
        <DialogFooter>
          <Button onClick={close}>Cancel</Button>
          <Button variant="primary" asChild>
            <Link href={`/users?organization=${id}`}>Show its users</Link>
          </Button>
        </DialogFooter>
      </Dialog>
      <Confirmation
        open={open === "delete" && users === 0}
        onClose={close}
        title={`Delete “${name}”?`}
        description="Its keys, apps and admin tokens go with it. What it has used stays in the ledger. This cannot be undone."
        confirm="Delete organization"
        run={() => actions.remove({ id })}
        onDone={() => {
          toast(`“${name}” is deleted.`);
          router.push("/organizations");
        }}
      />
    </>
  );
}
