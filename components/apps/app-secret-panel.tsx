"use client";

import { SecretPanel } from "#components/dialogs/secret-panel";
import type { NewApp } from "#lib/services/apps/app";
import { AppSnippetTabs } from "./app-snippet-tabs";

type Props = { app: NewApp; model: string; onDone: () => void };

/** An app's new secret, this one time, and what to do with it. */
export const AppSecretPanel = ({ app, model, onDone }: Props) => (
  <SecretPanel secret={app.secret} noun="secret" onDone={onDone}>
    <AppSnippetTabs secret={app.secret} appId={app.external_id ?? app.id} model={model} />
    <p className="text-ink-3 text-xs">
      With <code className="font-mono">x-user-oid</code> what is spent counts for that user, too; leave it out
      to ask in the app’s own name.
    </p>
  </SecretPanel>
);
