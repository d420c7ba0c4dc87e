"use client";

import { CreateDialog } from "#components/dialogs/create-dialog";
import { useOpened } from "#components/dialogs/use-opened";
import type { createProvider } from "#lib/services/providers/create-provider";
import type { ProviderFormOptions } from "#lib/services/providers/provider-forms";
import type { ActionOf } from "#lib/services/verb";
import { ProviderForm } from "./provider-form";

type Props = { options: ProviderFormOptions; create: ActionOf<typeof createProvider> };

/** The button that adds a provider, and its dialog. It leads to the provider's page, where it can be tested. */
export function CreateProvider({ options, create }: Props) {
  const onCreated = useOpened("Provider added.", (id) => `/providers/${id}`);
  return (
    <CreateDialog
      label="Add provider"
      description="Where requests are sent, and how they authenticate there."
      form={({ close }) => (
        <ProviderForm options={options} create={create} onCancel={close} onCreated={onCreated} />
      )}
    />
  );
}
