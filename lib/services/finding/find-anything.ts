import { z } from "zod";
import { ServiceError } from "#lib/http/errors";
import { getApp } from "#lib/services/apps/get-app";
import { listApps } from "#lib/services/apps/list-apps";
import type { ServiceContext } from "#lib/services/context";
import { textField } from "#lib/services/fields";
import { getKey } from "#lib/services/keys/get-key";
import { listKeys } from "#lib/services/keys/list-keys";
import { getOrganization } from "#lib/services/organizations/get-organization";
import { listOrganizations } from "#lib/services/organizations/list-organizations";
import { getUser } from "#lib/services/users/get-user";
import { listUsers } from "#lib/services/users/list-users";
import { userTitle } from "#lib/services/users/user-title";
import { verb } from "#lib/services/verb";

const Found = z.object({
  kind: z.enum(["organization", "user", "api_key", "app"]),
  id: z.uuid(),
  name: z.string(),
  /** What tells it from others of the same name. */
  detail: z.string().nullable(),
});
export type Found = z.output<typeof Found>;

/** The newest of each kind. */
const MOST_OF_A_KIND = 4;

/**
 * The organizations, users, keys and apps whose names contain a text, or the one that has it as its id: those that the
 * actor may see.
 */
export const findAnything = verb({
  role: "viewer",
  input: z.strictObject({ search: textField(100).min(1) }),
  output: z.object({ data: z.array(Found) }),
  run: async (ctx, { search }) => ({
    data: z.uuid().safeParse(search).success ? await withId(ctx, search) : await named(ctx, search),
  }),
});

async function named(ctx: ServiceContext, search: string): Promise<Found[]> {
  const query = { search, limit: MOST_OF_A_KIND };
  const [organizations, users, keys, apps] = await Promise.all([
    ifAllowed(listOrganizations(ctx, query)),
    ifAllowed(listUsers(ctx, query)),
    ifAllowed(listKeys(ctx, query)),
    ifAllowed(listApps(ctx, query)),
  ]);
  return [
    ...(organizations?.data ?? []).map(toOrganization),
    ...(users?.data ?? []).map(toUser),
    ...(keys?.data ?? []).map(toKey),
    ...(apps?.data ?? []).map(toApp),
  ];
}

async function withId(ctx: ServiceContext, id: string): Promise<Found[]> {
  const found = await Promise.all([
    ifAllowed(getOrganization(ctx, { id }).then(toOrganization)),
    ifAllowed(getUser(ctx, { id }).then(toUser)),
    ifAllowed(getKey(ctx, { id }).then(toKey)),
    ifAllowed(getApp(ctx, { id }).then(toApp)),
  ]);
  return found.filter((one) => one !== null);
}

/** Null for what there is not, or is not the actor's to see. */
async function ifAllowed<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof ServiceError && error.code !== "invalid") return null;
    throw error;
  }
}

type Named = { id: string; name: string };

const toOrganization = ({ id, name }: Named): Found => ({ kind: "organization", id, name, detail: null });
const toKey = ({ id, name, key_prefix }: Named & { key_prefix: string }): Found => ({
  kind: "api_key",
  id,
  name,
  detail: `${key_prefix}…`,
});
const toApp = ({ id, name, external_id }: Named & { external_id: string | null }): Found => ({
  kind: "app",
  id,
  name,
  detail: external_id,
});
function toUser(user: Parameters<typeof userTitle>[0] & { id: string }): Found {
  const name = userTitle(user);
  return { kind: "user", id: user.id, name, detail: user.email === name ? null : user.email };
}
