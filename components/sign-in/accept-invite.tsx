"use client";

import { signIn } from "next-auth/react";
import { type ReactNode, useState } from "react";
import { Callout } from "#components/ui/callout";
import { EmailField, PasswordField } from "./credential-fields";
import { LinkForm } from "./link-form";
import { SingleSignOn } from "./single-sign-on";

type Props = {
  token: string;
  email: string;
  singleSignOn: boolean;
  /** Keeps the token for the way to the issuer and back. */
  remember: (token: string) => Promise<void>;
};

/** Accepts an invite: with a new password, or with an account that the person has. */
export function AcceptInvite({ token, email, singleSignOn, remember }: Props) {
  const [failure, setFailure] = useState<string | null>(null);
  return (
    <div className="flex flex-col gap-8">
      {failure ? <Callout tone="danger">{failure}</Callout> : null}
      <Section title="Set a password" lead="For a new account that belongs to this organization.">
        <LinkForm
          submit="Set password and join"
          send={(form) => signIn("invite", { ...form, invite: token, redirect: false })}
          onFailure={setFailure}
        >
          {/* For password managers. */}
          <input type="hidden" name="username" value={email} autoComplete="username" />
          <PasswordField id="new-password" label="New password" autoComplete="new-password" required />
        </LinkForm>
      </Section>
      <Section title="Use your account" lead="Sign in with the account you have, and join with it.">
        {singleSignOn ? <SingleSignOn to="/" before={() => remember(token)} onFailure={setFailure} /> : null}
        <LinkForm
          submit="Sign in and join"
          send={(form) => signIn("credentials", { ...form, invite: token, redirect: false })}
          onFailure={setFailure}
        >
          <EmailField required />
          <PasswordField id="password" label="Password" autoComplete="current-password" required />
        </LinkForm>
      </Section>
    </div>
  );
}

const Section = ({ title, lead, children }: { title: string; lead: string; children: ReactNode }) => (
  <section aria-label={title} className="flex flex-col gap-4">
    <div>
      <h2 className="font-medium text-ink">{title}</h2>
      <p className="mt-0.5 text-ink-2 text-sm">{lead}</p>
    </div>
    {children}
  </section>
);
