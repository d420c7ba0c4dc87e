"use client";

import { Ban, Play, RotateCw } from "lucide-react";
import { ActionsMenu, deleteAction, editAction, type MenuAction } from "#components/dialogs/actions-menu";
import { RotateForm } from "#components/dialogs/rotate-form";
import { modelFor } from "#components/snippets/app-snippets";
import type { AppFormOptions } from "#lib/portal/apps/app-form-options";
import type { App } from "#lib/services/apps/app";
import type { deleteApp } from "#lib/services/apps/delete-app";
import type { rotateApp } from "#lib/services/apps/rotate-app";
import type { updateApp } from "#lib/services/apps/update-app";
import type { ActionOf } from "#lib/services/verb";
import { AppForm } from "./app-form";
import { AppSecretPanel } from "./app-secret-panel";

type Props = {
  app: App;
  options: AppFormOptions;
  actions: {
    update: ActionOf<typeof updateApp>;
    rotate: ActionOf<typeof rotateApp>;
    remove: ActionOf<typeof deleteApp>;
  };
};

/** The actions on an app, for readers who may manage it. */
export function AppActions({ app, options, actions }: Props) {
  const { id, name } = app;
  const edit = editAction(name, ({ close, done }) => (
    <AppForm
      app={app}
      options={options}
      send={(draft) => actions.update({ ...draft, id })}
      onCancel={close}
      onSaved={() => done("App updated.")}
    />
  ));
  const rotate: MenuAction = {
    label: "Rotate secret",
    icon: RotateCw,
    title: `Rotate the secret of “${name}”`,
    description: "Replaces the app’s secret. Everything else about the app stays the same.",
    form: ({ close, show }) => (
      <RotateForm
        id={id}
        noun="secret"
        inGrace={app.previous_secret_expires_at !== null}
        rotate={actions.rotate}
        onCancel={close}
        onRotated={(rotated) =>
          show({
            title: "Secret rotated",
            description: "The new secret works immediately.",
            body: <AppSecretPanel app={rotated} model={modelFor(rotated, options.models)} onDone={close} />,
          })
        }
      />
    ),
  };
  const remove = deleteAction("app", {
    name,
    description:
      "Its requests are rejected immediately. Its past usage stays in the ledger. This cannot be undone.",
    run: () => actions.remove({ id }),
    leaveTo: "/apps",
  });
  return <ActionsMenu name={name} actions={[edit, rotate, disable(app, actions.update), remove]} />;
}

/** Disables an app, or enables a disabled one. */
function disable({ id, name, disabled }: App, update: ActionOf<typeof updateApp>): MenuAction {
  const run = () => update({ id, disabled: !disabled });
  return disabled
    ? {
        label: "Enable",
        icon: Play,
        title: `Enable “${name}”?`,
        description: "Its secret works again immediately.",
        confirm: "Enable app",
        harmless: true,
        run,
        toast: "App enabled.",
      }
    : {
        label: "Disable",
        icon: Ban,
        title: `Disable “${name}”?`,
        description: "Its requests are rejected until the app is enabled again.",
        confirm: "Disable app",
        run,
        toast: "App disabled.",
      };
}
