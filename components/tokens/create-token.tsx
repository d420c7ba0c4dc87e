"use client";

import { CreateDialog } from "#components/dialogs/create-dialog";
import { SecretPanel } from "#components/dialogs/secret-panel";
import { useOrigin } from "#components/snippets/use-origin";
import { CodeBlock } from "#components/ui/code-block";
import type { createAdminToken } from "#lib/services/admin-tokens/create-admin-token";
import type { ActionOf } from "#lib/services/verb";
import { TokenForm, type TokenFormOptions } from "./token-form";

type Props = { options: TokenFormOptions; create: ActionOf<typeof createAdminToken> };

/** The button that creates an admin token, and its dialog: the form, then the token, shown once. */
export function CreateToken({ options, create }: Props) {
  const origin = useOrigin();
  return (
    <CreateDialog
      label="Create token"
      description="Authenticates the command line and scripts."
      form={({ close, show }) => (
        <TokenForm
          options={options}
          create={create}
          onCancel={close}
          onCreated={({ name, token }) =>
            show({
              title: "Token created",
              description: `“${name}” works immediately.`,
              body: (
                <SecretPanel secret={token} noun="token" onDone={close}>
                  <div>
                    <p className="mb-1.5 font-medium text-ink text-sm">Sign in on the command line</p>
                    <CodeBlock
                      className="rounded-lg border bg-sunken"
                      label="Command"
                      code={`npx tollgate login --url ${origin} --token ${token}`}
                    />
                  </div>
                </SecretPanel>
              ),
            })
          }
        />
      )}
    />
  );
}
