"use client";

import { signIn } from "next-auth/react";
import { useState } from "react";
import { Callout } from "#components/ui/callout";
import { PasswordField } from "./credential-fields";
import { LinkForm } from "./link-form";

/** Sets a new password by a mailed link, and signs in. */
export function ResetPassword({ token, email }: { token: string; email: string }) {
  const [failure, setFailure] = useState<string | null>(null);
  return (
    <div className="flex flex-col gap-5">
      {failure ? <Callout tone="danger">{failure}</Callout> : null}
      <LinkForm
        submit="Set password and sign in"
        send={(form) => signIn("reset", { ...form, reset: token, redirect: false })}
        onFailure={setFailure}
      >
        {/* For password managers. */}
        <input type="hidden" name="username" value={email} autoComplete="username" />
        <PasswordField id="new-password" label="New password" autoComplete="new-password" required />
      </LinkForm>
    </div>
  );
}
