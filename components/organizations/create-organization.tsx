"use client";

import { NewDialog } from "#components/dialogs/new-dialog";
import { useToast } from "#components/ui/toast";
import type { ActionResult } from "#lib/http/action-result";
import type { Organization } from "#lib/services/organizations/organization";
import { type OrganizationDraft, OrganizationForm } from "./organization-form";

type Props = { create: (draft: OrganizationDraft) => Promise<ActionResult<Organization>> };

export function CreateOrganization({ create }: Props) {
  const toast = useToast();
  return (
    <NewDialog<Organization>
      label="New organization"
      description="Its users, keys and apps share its budget and limits."
      form={(on) => (
        <OrganizationForm organization={null} mayBound send={create} onCancel={on.cancel} onSaved={on.made} />
      )}
      onMade={({ name }) => toast(`“${name}” is created.`)}
    />
  );
}
