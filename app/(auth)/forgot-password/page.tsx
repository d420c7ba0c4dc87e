import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ForgotPassword } from "#components/sign-in/forgot-password";
import { config } from "#lib/config/config";
import { AuthPage } from "../auth-page";
import { requestResetAction } from "./actions";

export const metadata: Metadata = { title: "Forgot password" };

/** Read for each request: there is no configuration at build time. */
export const dynamic = "force-dynamic";

export default function ForgotPasswordPage() {
  if (config().SMTP_URL === undefined) notFound();
  return (
    <AuthPage title="Forgot password?" lead="Get a link to choose a new one.">
      <ForgotPassword send={requestResetAction} />
    </AuthPage>
  );
}
