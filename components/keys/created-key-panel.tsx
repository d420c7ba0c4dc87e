"use client";

import { SecretPanel } from "#components/dialogs/secret-panel";
import type { NewKey } from "#lib/services/keys/key";
import { SnippetTabs } from "./snippet-tabs";

type Props = { created: NewKey; model: string; onDone: () => void };

/** A new key, shown once, with code that uses it. */
export const CreatedKeyPanel = ({ created, model, onDone }: Props) => (
  <SecretPanel secret={created.key} noun="key" onDone={onDone}>
    <SnippetTabs apiKey={created.key} model={model} />
  </SecretPanel>
);
