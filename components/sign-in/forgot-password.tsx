"use client";

import { CircleCheck } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { TextLink } from "#components/ui/text-link";
import { AuthForm } from "./auth-form";
import { EmailField } from "./credential-fields";

type Props = {
  /** Returns what went wrong; null if the request was accepted. */
  send: (email: string) => Promise<string | null>;
};

/** Asks for a link to a new password. What it shows does not depend on whether anyone has the address. */
export function ForgotPassword({ send }: Props) {
  const [sentTo, setSentTo] = useState<string | null>(null);
  return (
    <div className="flex flex-col gap-5">
      {sentTo === null ? <AddressForm send={send} onSent={setSentTo} /> : <Sent to={sentTo} />}
      <p className="text-sm">
        <TextLink href="/sign-in">Back to sign-in</TextLink>
      </p>
    </div>
  );
}

function AddressForm({ send, onSent }: Props & { onSent: (email: string) => void }) {
  const [pending, setPending] = useState(false);
  const [missing, setMissing] = useState<string | undefined>();
  const [failure, setFailure] = useState<string | null>(null);

  const ask = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const input = event.currentTarget.querySelector<HTMLInputElement>('[name="email"]');
    const email = input?.value.trim() ?? "";
    const isAddress = /^[^\s@]+@[^\s@]+$/.test(email);
    setMissing(isAddress ? undefined : "Enter your e-mail address.");
    setFailure(null);
    if (!isAddress) return input?.focus();
    setPending(true);
    const problem = await send(email).catch(() => "Unable to reach the portal. Please try again.");
    setPending(false);
    if (problem === null) return onSent(email);
    setFailure(problem);
  };

  return (
    <AuthForm submit="Send link" pending={pending} failure={failure} onSubmit={ask}>
      <EmailField error={missing} autoFocus />
    </AuthForm>
  );
}

/** Takes the focus from the form that it replaces, so that screen readers read it. */
function Sent({ to }: { to: string }) {
  const message = useRef<HTMLDivElement>(null);
  useEffect(() => message.current?.focus(), []);
  return (
    <div
      ref={message}
      role="status"
      tabIndex={-1}
      className="flex gap-2.5 rounded-md bg-sunken px-3 py-2.5 text-ink text-sm"
    >
      <CircleCheck className="mt-0.5 size-4 shrink-0 text-accent" aria-hidden="true" />
      <div className="min-w-0">
        <p className="font-medium">Check your mail</p>
        <p className="wrap-anywhere mt-1 text-ink-2">
          If an account with a password has the address {to}, a link to choose a new one is on its way. It
          works once, within 30 minutes.
        </p>
      </div>
    </div>
  );
}
