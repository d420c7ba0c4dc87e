"use client";

import { SecretPanel } from "#components/dialogs/secret-panel";
import type { NewApp } from "#lib/services/apps/app";
import { AppSnippetTabs } from "./app-snippet-tabs";

type Props = { app: NewApp; model: string; onDone: () => void };

/** An app's new secret, shown once, with code that uses it. */
export const AppSecretPanel = ({ app, model, onDone }: Props) => (
  <SecretPanel secret={app.secret} noun="secret" onDone={onDone}>
    <AppSnippetTabs secret={app.secret} appId={app.external_id ?? app.id} model={model} />
    <p className="text-ink-3 text-xs">
      With <code className="font-mono">x-user-oid</code> usage counts toward that user’s budget, too. Leave it
      out to send requests as the app itself.
    </p>
  </SecretPanel>
);
