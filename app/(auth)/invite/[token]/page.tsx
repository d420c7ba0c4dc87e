import type { Metadata } from "next";
import { AcceptInvite } from "#components/sign-in/accept-invite";
import { Callout } from "#components/ui/callout";
import { oidcSettings } from "#lib/auth/oidc-settings";
import { signInProblem } from "#lib/auth/sign-in-problem";
import { config } from "#lib/config/config";
import { readInvitation } from "#lib/portal/account/invitation";
import { AuthPage } from "../../auth-page";
import { rememberInviteAction } from "./actions";

// The address is a secret: no other site may see it, and no search engine may keep it.
export const metadata: Metadata = { title: "Invite", referrer: "no-referrer", robots: "noindex" };

/** Shows only what the organization wrote, so that it does not tell whether the e-mail address has an account. */
export default async function InvitePage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const invitation = await readInvitation(token);
  if (invitation === null) {
    return (
      <AuthPage title="Invite" lead="A link to join Tollgate works once, within 72 hours.">
        <Callout tone="danger">{signInProblem("invite-invalid")}</Callout>
      </AuthPage>
    );
  }
  const { email, organizationName } = invitation;
  return (
    <AuthPage
      title={organizationName === null ? "Join Tollgate" : `Join ${organizationName}`}
      lead={`You are invited as ${email}.`}
    >
      <AcceptInvite
        token={token}
        email={email}
        singleSignOn={oidcSettings(config()) !== null}
        remember={rememberInviteAction}
      />
    </AuthPage>
  );
}
