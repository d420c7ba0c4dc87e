"use client";

import { NewDialog } from "#components/dialogs/new-dialog";
import { modelFor } from "#components/snippets/app-snippets";
import type { ActionResult } from "#lib/http/action-result";
import type { AppFormOptions } from "#lib/portal/apps/app-form-options";
import type { NewApp } from "#lib/services/apps/app";
import { type AppDraft, AppForm } from "./app-form";
import { AppSecretPanel } from "./app-secret-panel";

type Props = {
  options: AppFormOptions;
  create: (draft: AppDraft & { organization_id?: string }) => Promise<ActionResult<NewApp>>;
};

/** The button for a new app and its dialog: first the form, then its secret, this one time. */
export function CreateApp({ options, create }: Props) {
  return (
    <NewDialog<NewApp>
      label="New app"
      description="A service of your own that asks for its users."
      form={(on) => (
        <AppForm<NewApp>
          app={null}
          options={options}
          send={(draft, organization_id) => create({ ...draft, organization_id })}
          onCancel={on.cancel}
          onSaved={on.made}
        />
      )}
      shown={(app) => ({
        title: "App created",
        description: `“${app.name}” proves itself with this secret.`,
        body: (done) => <AppSecretPanel app={app} model={modelFor(app, options.models)} onDone={done} />,
      })}
    />
  );
}
