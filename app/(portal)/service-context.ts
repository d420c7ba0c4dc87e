import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { currentActor } from "#lib/auth/session";
import { contextOf, type ServiceContext } from "#lib/services/context";

/**
 * The context of a page or a server action. Without a session it redirects to the sign-in page (Next throws
 * the redirect), which returns to `from`.
 */
export async function serviceContext(from: string): Promise<ServiceContext> {
  const actor = await currentActor();
  if (actor === null) redirect(from === "/" ? "/sign-in" : `/sign-in?from=${encodeURIComponent(from)}`);
  return contextOf(actor, await headers());
}
