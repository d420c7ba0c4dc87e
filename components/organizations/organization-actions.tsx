"use client";

import { Ban, Pencil, Play, Trash2 } from "lucide-react";
import Link from "next/link";
import { ActionsMenu, deleteAction, type MenuAction } from "#components/dialogs/actions-menu";
import { creditActions } from "#components/dialogs/credit-form";
import { plural } from "#components/format/limit-words";
import { Button } from "#components/ui/button";
import { DialogFooter } from "#components/ui/dialog";
import type { Role } from "#lib/auth/actor";
import type { createAdjustment } from "#lib/services/adjustments/create-adjustment";
import type { deleteOrganization } from "#lib/services/organizations/delete-organization";
import type { Organization } from "#lib/services/organizations/organization";
import type {
  resumeOrganization,
  suspendOrganization,
} from "#lib/services/organizations/suspend-organization";
import type { updateOrganization } from "#lib/services/organizations/update-organization";
import type { ActionOf } from "#lib/services/verb";
import { OrganizationForm } from "./organization-form";

type Props = {
  organization: Organization;
  /** The number of its users. An organization with users cannot be deleted. */
  users: number;
  role: Role;
  /** The models that may be chosen. */
  models: readonly string[];
  actions: {
    adjust: ActionOf<typeof createAdjustment>;
    update: ActionOf<typeof updateOrganization>;
    suspend: ActionOf<typeof suspendOrganization>;
    resume: ActionOf<typeof resumeOrganization>;
    remove: ActionOf<typeof deleteOrganization>;
  };
};

/**
 * The actions on an organization. Its own administrators may rename it and bound its people's keys; the rest is for
 * administrators of the installation.
 */
export function OrganizationActions({ organization, users, role, models, actions }: Props) {
  const { id, name, status } = organization;
  const isAdmin = role === "admin";
  const edit: MenuAction = {
    label: "Edit",
    icon: Pencil,
    title: `Edit “${name}”`,
    description: isAdmin
      ? "Takes effect on the next request."
      : "Only administrators can change the budget, limits and models.",
    form: ({ close, done }) => (
      <OrganizationForm
        organization={organization}
        maySetLimits={isAdmin}
        models={models}
        send={(draft) => actions.update({ ...draft, id })}
        onCancel={close}
        onSaved={() => done("Organization updated.")}
      />
    ),
  };
  if (!isAdmin) return <ActionsMenu name={name} actions={[edit]} />;
  const suspend: MenuAction = {
    label: "Suspend",
    icon: Ban,
    title: `Suspend “${name}”?`,
    description: "Requests with its keys and apps are rejected until the organization is resumed.",
    confirm: "Suspend organization",
    run: () => actions.suspend({ id }),
    toast: "Organization suspended.",
  };
  const resume: MenuAction = {
    label: "Resume",
    icon: Play,
    title: `Resume “${name}”?`,
    description: "Its keys and apps work again immediately.",
    confirm: "Resume organization",
    harmless: true,
    run: () => actions.resume({ id }),
    toast: "Organization resumed.",
  };
  const remove: MenuAction =
    users > 0
      ? {
          label: "Delete",
          icon: Trash2,
          danger: true,
          title: `“${name}” has ${plural(users, "user")}`,
          description: "Delete its users or move them to another organization first.",
          narrow: true,
          form: ({ close }) => (
            <DialogFooter>
              <Button onClick={close}>Cancel</Button>
              <Button variant="primary" asChild>
                <Link href={`/users?organization=${id}`}>View users</Link>
              </Button>
            </DialogFooter>
          ),
        }
      : deleteAction("organization", {
          name,
          description:
            "Its keys, apps and admin tokens are deleted, too. Its past usage stays in the ledger. This cannot be undone.",
          run: () => actions.remove({ id }),
          leaveTo: "/organizations",
        });
  return (
    <ActionsMenu
      name={name}
      actions={[
        edit,
        ...(organization.budget ? creditActions(name, { organization_id: id }, actions.adjust) : []),
        status === "active" ? suspend : resume,
        remove,
      ]}
    />
  );
}
