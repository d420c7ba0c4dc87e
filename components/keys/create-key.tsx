"use client";

import { CreateDialog } from "#components/dialogs/create-dialog";
import { CreateKeyForm, type CreateKeyFormProps } from "./create-key-form";
import { CreatedKeyPanel } from "./created-key-panel";

type Props = Omit<CreateKeyFormProps, "onCancel" | "onCreated">;

/** The button that creates a key, and its dialog: the form, then the key, shown once. */
export function CreateKey({ options, role, create }: Props) {
  return (
    <CreateDialog
      label="Create key"
      description="Clients send it as their API key."
      form={({ close, show }) => (
        <CreateKeyForm
          options={options}
          role={role}
          create={create}
          onCancel={close}
          onCreated={(key, model) =>
            show({
              title: "Key created",
              description: `“${key.name}” works immediately.`,
              body: <CreatedKeyPanel created={key} model={model} onDone={close} />,
            })
          }
        />
      )}
    />
  );
}
