"use client";

import { CreateDialog } from "#components/dialogs/create-dialog";
import { showDone } from "#components/ui/toast";
import type { createOrganization } from "#lib/services/organizations/create-organization";
import type { ActionOf } from "#lib/services/verb";
import { OrganizationForm } from "./organization-form";

type Props = { models: readonly string[]; create: ActionOf<typeof createOrganization> };

/** The button that creates an organization, and its dialog. */
export function CreateOrganization({ models, create }: Props) {
  return (
    <CreateDialog
      label="Create organization"
      description="Its users, keys and apps share one budget and one set of limits."
      form={({ close }) => (
        <OrganizationForm
          organization={null}
          maySetLimits
          models={models}
          send={create}
          onCancel={close}
          onSaved={() => {
            close();
            showDone("Organization created.");
          }}
        />
      )}
    />
  );
}
