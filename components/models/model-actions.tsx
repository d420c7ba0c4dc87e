"use client";

import { ActionsMenu, deleteAction, editAction } from "#components/dialogs/actions-menu";
import type { deleteModel } from "#lib/services/models/delete-model";
import type { Model } from "#lib/services/models/model";
import type { updateModel } from "#lib/services/models/update-model";
import type { ActionOf } from "#lib/services/verb";
import { ModelForm, type ModelFormOptions } from "./model-form";

type Props = {
  model: Model;
  options: ModelFormOptions;
  actions: { update: ActionOf<typeof updateModel>; remove: ActionOf<typeof deleteModel> };
};

/** The actions on a model. */
export function ModelActions({ model, options, actions: { update, remove } }: Props) {
  const { id, name } = model;
  return (
    <ActionsMenu
      name={name}
      actions={[
        editAction(name, ({ close, done }) => (
          <ModelForm
            model={model}
            options={options}
            send={(draft) => update({ ...draft, id })}
            onCancel={close}
            onSaved={() => done("Model updated.")}
          />
        )),
        deleteAction("model", {
          name,
          description: "Requests for it are rejected. Its past usage stays in the ledger.",
          run: () => remove({ id }),
          leaveTo: "/models",
        }),
      ]}
    />
  );
}
