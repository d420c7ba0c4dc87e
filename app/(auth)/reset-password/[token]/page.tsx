import type { Metadata } from "next";
import { ResetPassword } from "#components/sign-in/reset-password";
import { Callout } from "#components/ui/callout";
import { TextLink } from "#components/ui/text-link";
import { signInProblem } from "#lib/auth/sign-in-problem";
import { readReset } from "#lib/portal/account/password-reset";
import { AuthPage } from "../../auth-page";

// The address is a secret: no other site may see it, and no search engine may keep it.
export const metadata: Metadata = { title: "New password", referrer: "no-referrer", robots: "noindex" };

/** Opening the page uses nothing up: mail servers open links, too. */
export default async function ResetPasswordPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const found = await readReset(token);
  if (found === null) {
    return (
      <AuthPage title="New password" lead="A link to a new password works once, within 30 minutes.">
        <Callout tone="danger">{signInProblem("reset-invalid")}</Callout>
        <p className="mt-5 text-sm">
          <TextLink href="/forgot-password">Get a new link</TextLink>
        </p>
      </AuthPage>
    );
  }
  const { email, organizationName } = found;
  return (
    <AuthPage
      title="New password"
      lead={`For ${email}${organizationName === null ? "" : ` of ${organizationName}`}. All other sessions end.`}
    >
      <ResetPassword token={token} email={email} />
    </AuthPage>
  );
}
