import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { HoldIllustration } from "#components/brand/hold-illustration";
import { Logo } from "#components/brand/logo";
import { SignInForm } from "#components/sign-in/sign-in-form";
import { callbackPath } from "#lib/auth/callback-path";
import { oidcSettings } from "#lib/auth/oidc-settings";
import { currentActor } from "#lib/auth/session";
import { signInProblem } from "#lib/auth/sign-in-problem";
import { config } from "#lib/config/config";

export const metadata: Metadata = { title: "Sign in" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function SignInPage({ searchParams }: Props) {
  const { from, callbackUrl, error } = await searchParams;
  const settings = config();
  const to = callbackPath(from ?? callbackUrl, settings.NEXTAUTH_URL);
  if ((await currentActor()) !== null) redirect(to);
  return (
    <div className="grid min-h-dvh lg:grid-cols-[minmax(26rem,5fr)_6fr]">
      <main className="flex flex-col px-6 py-6 sm:px-10 sm:py-8">
        <Logo />
        <div className="m-auto w-full max-w-88 pt-8 pb-20">
          <h1 className="font-semibold text-2xl text-ink">Sign in</h1>
          <p className="mt-1.5 mb-8 text-ink-2 text-sm">
            Manage the keys, usage and cost of your language models.
          </p>
          <SignInForm to={to} problem={signInProblem(error)} singleSignOn={oidcSettings(settings) !== null} />
          <noscript>
            <p className="mt-4 text-danger text-sm">Sign-in requires JavaScript.</p>
          </noscript>
        </div>
      </main>
      {/* Always in dark colors. */}
      <aside className="relative hidden overflow-hidden bg-[oklch(0.262_0.043_208)] [color-scheme:dark] lg:block">
        <div
          className="absolute inset-0 bg-[radial-gradient(85%_65%_at_75%_15%,oklch(0.43_0.075_200/0.6),transparent)]"
          aria-hidden="true"
        />
        <div className="relative flex h-full flex-col justify-center p-16">
          <HoldIllustration />
        </div>
      </aside>
    </div>
  );
}
