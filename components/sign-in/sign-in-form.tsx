"use client";

import { signIn } from "next-auth/react";
import { type FormEvent, useState } from "react";
import { TextLink } from "#components/ui/text-link";
import { passwordProblem } from "#lib/auth/sign-in-problem";
import { AuthForm } from "./auth-form";
import { EmailField, PasswordField } from "./credential-fields";
import { SingleSignOn } from "./single-sign-on";

type Missing = { email?: string; password?: string };

type Props = {
  to: string;
  /** An error of the previous attempt, or null. */
  problem: string | null;
  singleSignOn: boolean;
  /** Whether a link to a new password can be mailed. */
  resets: boolean;
};

/** Password and single sign-on. On success the browser opens `to`, a path of this portal. */
export function SignInForm({ to, problem, singleSignOn, resets }: Props) {
  const [missing, setMissing] = useState<Missing>({});
  const [failure, setFailure] = useState(problem);
  const [pending, setPending] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const [email, password] = [String(data.get("email")).trim(), String(data.get("password"))];
    const lacks: Missing = {
      ...(email === "" && { email: "Enter your e-mail address." }),
      ...(password === "" && { password: "Enter your password." }),
    };
    setMissing(lacks);
    setFailure(null);
    const first = Object.keys(lacks)[0];
    if (first !== undefined) return form.querySelector<HTMLInputElement>(`[name="${first}"]`)?.focus();
    setPending(true);
    const outcome = await attempt(email, password);
    if (outcome === "signed in") return window.location.assign(to);
    setPending(false);
    setFailure(outcome);
    form.querySelector<HTMLInputElement>('[name="password"]')?.select();
  };

  return (
    <div className="flex flex-col gap-5">
      <AuthForm submit="Sign in" pending={pending} failure={failure} onSubmit={submit}>
        {singleSignOn ? <SingleSignOn to={to} onFailure={setFailure} /> : null}
        <EmailField error={missing.email} autoFocus />
        <PasswordField
          id="password"
          label="Password"
          error={missing.password}
          autoComplete="current-password"
        />
      </AuthForm>
      {resets ? (
        <p className="text-sm">
          <TextLink href="/forgot-password">Forgot password?</TextLink>
        </p>
      ) : null}
    </div>
  );
}

async function attempt(email: string, password: string): Promise<string> {
  try {
    const answer = await signIn("credentials", { email, password, redirect: false });
    return answer?.ok ? "signed in" : passwordProblem(answer?.error);
  } catch {
    return "Unable to reach the portal. Please try again.";
  }
}
