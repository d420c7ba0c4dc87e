"use client";

import type { signIn } from "next-auth/react";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "#components/ui/button";
import { passwordProblem } from "#lib/auth/sign-in-problem";

type LinkFormProps = {
  submit: string;
  send: (form: Record<string, string>) => ReturnType<typeof signIn<"credentials">>;
  onFailure: (message: string | null) => void;
  children: ReactNode;
};

/** Signs in with what a link is for, and opens the portal. */
export function LinkForm({ submit, send, onFailure, children }: LinkFormProps) {
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
    <form method="post" onSubmit={onSubmit} className="flex flex-col gap-4">
      {children}
      <Button type="submit" variant="primary" size="lg" pending={pending}>
        {submit}
      </Button>
    </form>
  );
}
