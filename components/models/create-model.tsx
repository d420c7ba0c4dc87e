"use client";

import { CreateDialog } from "#components/dialogs/create-dialog";
import { useOpened } from "#components/dialogs/use-opened";
import type { createModel } from "#lib/services/models/create-model";
import type { ActionOf } from "#lib/services/verb";
import { ModelForm, type ModelFormOptions } from "./model-form";

type Props = {
  options: ModelFormOptions;
  /** A target to begin with, from a provider's page. */
  start: { providerId: string | null; upstreamModel: string | null };
  create: ActionOf<typeof createModel>;
};

/** The button that creates a model, and its dialog. */
export function CreateModel({ options, start, create }: Props) {
  const onSaved = useOpened("Model created.", (id) => `/models/${id}`);
  return (
    <CreateDialog
      label="Create model"
      description="A name that clients request, and the providers that serve it."
      form={({ close }) => (
        <ModelForm
          model={null}
          options={options}
          start={start}
          send={create}
          onCancel={close}
          onSaved={onSaved}
        />
      )}
    />
  );
}
