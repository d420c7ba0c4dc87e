"use client";

import { CreateDialog, type CreatePlace } from "#components/dialogs/create-dialog";
import { CreateKeyForm, type CreateKeyFormProps } from "./create-key-form";
import { CreatedKeyPanel } from "./created-key-panel";

type Props = Omit<CreateKeyFormProps, "onCancel" | "onCreated"> & { place?: CreatePlace };

/** The button that creates a key, and its dialog: the form, then the key, shown once. */
export function CreateKey({ options, role, create, place }: Props) {
  return (
    <CreateDialog
      {...place}
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
