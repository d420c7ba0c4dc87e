import { z } from "zod";
import type { Notice } from "#lib/services/notices/notice";

const SCOPE_PAGES = {
  organization: "/organizations",
  user: "/users",
  api_key: "/keys",
  app: "/apps",
} as const;

const About = z.object({
  scope: z.object({ type: z.enum(["organization", "user", "api_key", "app"]), id: z.uuid() }).optional(),
  user_id: z.uuid().nullish(),
  api_key_id: z.uuid().optional(),
  provider_id: z.uuid().optional(),
});

/** The portal's page of what a notice is about; null if it has none. */
export function noticePage({ data }: Pick<Notice, "data">): string | null {
  const about = About.safeParse(data);
  if (!about.success) return null;
  const { scope, user_id, api_key_id, provider_id } = about.data;
  if (scope !== undefined) return `${SCOPE_PAGES[scope.type]}/${scope.id}`;
  // A key's is about its owner, too.
  if (api_key_id !== undefined) return `/keys/${api_key_id}`;
  if (provider_id !== undefined) return `/providers/${provider_id}`;
  return user_id == null ? null : `/users/${user_id}`;
}
