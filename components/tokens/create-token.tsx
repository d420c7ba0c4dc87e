"use client";

import { NewDialog } from "#components/dialogs/new-dialog";
import { SecretPanel } from "#components/dialogs/secret-panel";
import { useOrigin } from "#components/snippets/use-origin";
import { CodeBlock } from "#components/ui/code-block";
import type { ActionResult } from "#lib/http/action-result";
import type { CreatedAdminToken } from "#lib/services/admin-tokens/create-admin-token";
import { type TokenDraft, TokenForm, type TokenFormOptions } from "./token-form";

type Props = {
  options: TokenFormOptions;
  create: (draft: TokenDraft) => Promise<ActionResult<CreatedAdminToken>>;
};

/** The button for a new admin token and its dialog: first the form, then the token, this one time. */
export function CreateToken({ options, create }: Props) {
  const origin = useOrigin();
  return (
    <NewDialog<CreatedAdminToken>
      label="New token"
      description="For the command line and for scripts."
      form={(on) => <TokenForm options={options} create={create} onCancel={on.cancel} onCreated={on.made} />}
      shown={({ name, token }) => ({
        title: "Token created",
        description: `“${name}” works from now on.`,
        body: (done) => (
          <SecretPanel secret={token} noun="token" onDone={done}>
            <div>
              <p className="mb-1.5 font-medium text-ink text-sm">Sign the command line in</p>
              <CodeBlock
                className="rounded-lg border bg-sunken"
                label="Command"
                code={`npx tollgate login --url ${origin} --token ${token}`}
              />
            </div>
          </SecretPanel>
        ),
      })}
    />
  );
}
