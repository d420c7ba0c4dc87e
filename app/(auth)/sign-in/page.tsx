import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SignInForm } from "#components/sign-in/sign-in-form";
import { callbackPath } from "#lib/auth/callback-path";
import { oidcSettings } from "#lib/auth/oidc-settings";
import { currentActor } from "#lib/auth/session";
import { signInProblem } from "#lib/auth/sign-in-problem";
import { config } from "#lib/config/config";
import { AuthPage } from "../auth-page";

export const metadata: Metadata = { title: "Sign in" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function SignInPage({ searchParams }: Props) {
  const { from, callbackUrl, error } = await searchParams;
  const settings = config();
  const to = callbackPath(from ?? callbackUrl, settings.NEXTAUTH_URL);
  if ((await currentActor()) !== null) redirect(to);
  return (
    <AuthPage title="Sign in" lead="Manage the keys, usage and cost of your language models.">
      <SignInForm
        to={to}
        problem={signInProblem(error)}
        singleSignOn={oidcSettings(settings) !== null}
        resets={settings.SMTP_URL !== undefined}
      />
    </AuthPage>
  );
}
