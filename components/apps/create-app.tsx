"use client";

import { CreateDialog, type CreatePlace } from "#components/dialogs/create-dialog";
import { modelFor } from "#components/snippets/app-snippets";
import type { AppFormOptions } from "#lib/portal/apps/app-form-options";
import type { createApp } from "#lib/services/apps/create-app";
import type { ActionOf } from "#lib/services/verb";
import { AppForm } from "./app-form";
import { AppSecretPanel } from "./app-secret-panel";

type Props = { options: AppFormOptions; create: ActionOf<typeof createApp>; place?: CreatePlace };

/** The button that creates an app, and its dialog: the form, then the app's secret, shown once. */
export function CreateApp({ options, create, place }: Props) {
  return (
    <CreateDialog
      {...place}
      label="Create app"
      description="An internal service that sends requests on behalf of users."
      form={({ close, show }) => (
        <AppForm
          app={null}
          options={options}
          send={create}
          onCancel={close}
          onSaved={(app) =>
            show({
              title: "App created",
              description: `“${app.name}” authenticates with this secret.`,
              body: <AppSecretPanel app={app} model={modelFor(app, options.models)} onDone={close} />,
            })
          }
        />
      )}
    />
  );
}
