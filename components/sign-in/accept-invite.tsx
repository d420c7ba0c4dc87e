"use client";

import { signIn } from "next-auth/react";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "#components/ui/button";
import { Callout } from "#components/ui/callout";
import { Field } from "#components/ui/field";
import { Input } from "#components/ui/input";
import { passwordProblem } from "#lib/auth/sign-in-problem";
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
        <AcceptForm
          submit="Set password and join"
          send={(form) => signIn("invite", { ...form, invite: token, redirect: false })}
          onFailure={setFailure}
        >
          {/* For password managers. */}
          <input type="hidden" name="username" value={email} autoComplete="username" />
          <PasswordField id="new-password" label="New password" autoComplete="new-password" />
        </AcceptForm>
      </Section>
      <Section title="Use your account" lead="Sign in with the account you have, and join with it.">
        {singleSignOn ? <SingleSignOn to="/" before={() => remember(token)} onFailure={setFailure} /> : null}
        <AcceptForm
          submit="Sign in and join"
          send={(form) => signIn("credentials", { ...form, invite: token, redirect: false })}
          onFailure={setFailure}
        >
          <Field id="email" label="E-mail">
            {(wiring) => (
              <Input
                {...wiring}
                name="email"
                type="email"
                autoComplete="username"
                required
                className="h-10"
              />
            )}
          </Field>
          <PasswordField id="password" label="Password" autoComplete="current-password" />
        </AcceptForm>
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

const PasswordField = ({ id, label, autoComplete }: { id: string; label: string; autoComplete: string }) => (
  <Field id={id} label={label}>
    {(wiring) => (
      <Input
        {...wiring}
        name="password"
        type="password"
        required
        minLength={autoComplete === "new-password" ? 8 : undefined}
        autoComplete={autoComplete}
        className="h-10"
      />
    )}
  </Field>
);

type FormProps = {
  submit: string;
  send: (form: Record<string, string>) => ReturnType<typeof signIn<"credentials">>;
  onFailure: (message: string | null) => void;
  children: ReactNode;
};

function AcceptForm({ submit, send, onFailure, children }: FormProps) {
  const [pending, setPending] = useState(false);
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    onFailure(null);
    setPending(true);
    try {
      const form = Object.fromEntries([...data].map(([name, value]) => [name, String(value)]));
      const answer = await send(form);
      if (answer?.ok) return window.location.assign("/");
      onFailure(passwordProblem(answer?.error));
    } catch {
      onFailure("Unable to reach the portal. Please try again.");
    }
    setPending(false);
  };
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      {children}
      <Button type="submit" variant="primary" size="lg" pending={pending}>
        {submit}
      </Button>
    </form>
  );
}
