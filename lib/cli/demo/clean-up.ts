import { AnyRow, ApiKey, Model, Organization, Provider, User } from "#lib/cli/api/answers";
import type { AdminClient } from "#lib/cli/api/client";
import { allPages, firstWhere } from "#lib/cli/api/pages";
import { CliError, EXIT } from "#lib/cli/failure";
import { counted } from "#lib/cli/output/format";
import { DEMO_MODEL, DEMO_ORGANIZATIONS, DEMO_PROVIDER, DEMO_TAG, DEMO_USERS } from "./demo-data";

/** Something that setup created and that still exists. */
export type Leftover = {
  kind: "user" | "key" | "organization" | "model" | "provider";
  name: string;
  id: string;
  path: string;
  /** The first characters of a key. */
  keyPrefix: string | null;
  /** Why it is kept: something that setup did not create needs it. */
  kept: string | null;
};

export type Cleaned = Leftover & { outcome: "deleted" | "kept" | "failed" };

/** What setup created and still exists, in the order in which it can be deleted. */
export async function leftovers(admin: AdminClient): Promise<Leftover[]> {
  const found: Leftover[] = [];
  for (const { name } of DEMO_ORGANIZATIONS) found.push(...(await ofOrganization(admin, name)));
  return [...found, ...(await ofRouting(admin))];
}

/** Deletes them, and goes on if one fails. */
export async function cleanUp(admin: AdminClient, found: readonly Leftover[]): Promise<Cleaned[]> {
  const cleaned: Cleaned[] = [];
  for (const leftover of found) {
    if (leftover.kept !== null) cleaned.push({ ...leftover, outcome: "kept" });
    else cleaned.push(await remove(admin, leftover));
  }
  return cleaned;
}

async function remove(admin: AdminClient, leftover: Leftover): Promise<Cleaned> {
  try {
    await admin.delete(leftover.path);
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode === EXIT.unreachable) throw error;
    // Already gone: keys are deleted with their user.
    if (error.exitCode !== EXIT.notFound) return { ...leftover, outcome: "failed", kept: error.message };
  }
  return { ...leftover, outcome: "deleted" };
}

async function ofOrganization(admin: AdminClient, name: string): Promise<Leftover[]> {
  const organization = await firstWhere(admin, "/organizations", Organization, (row) => row.name === name);
  if (organization === null) return [];
  const { value: users } = await allPages(admin, `/organizations/${organization.id}/users`, User);
  const { value: keys } = await allPages(admin, "/api-keys", ApiKey, { organization_id: organization.id });
  const emails: readonly string[] = DEMO_USERS.map(({ person }) => person.email);
  const ours = users.items.filter(({ email }) => email !== null && emails.includes(email));
  // A user's keys are deleted with the user, even those that setup did not create.
  const goes = (key: ApiKey) => key.tags?.includes(DEMO_TAG) || ours.some(({ id }) => id === key.user_id);
  const others = {
    user: users.items.length - ours.length,
    key: keys.items.filter((key) => !goes(key)).length,
    app: await countOf(admin, "/apps", organization.id),
    "admin token": await countOf(admin, "/admin-tokens", organization.id),
  };
  const needed = Object.entries(others).flatMap(([what, count]) =>
    count > 0 ? [counted(count, `other ${what}`)] : [],
  );
  return [
    ...keys.items.filter(goes).map((key) => ({
      ...leftover("key", `${key.name} (${key.key_prefix}…)`, key.id, "/api-keys"),
      keyPrefix: key.key_prefix,
    })),
    ...ours.map((user) => leftover("user", user.email ?? user.id, user.id, "/users")),
    leftover(
      "organization",
      organization.name,
      organization.id,
      "/organizations",
      needed.length > 0 ? `it has ${needed.join(", ")}` : null,
    ),
  ];
}

/** Counts the rows of an organization. */
async function countOf(admin: AdminClient, path: string, organizationId: string): Promise<number> {
  const { value } = await allPages(admin, path, AnyRow, { organization_id: organizationId });
  return value.items.length;
}

async function ofRouting(admin: AdminClient): Promise<Leftover[]> {
  const provider = await firstWhere(
    admin,
    "/providers",
    Provider,
    ({ name, type }) => name === DEMO_PROVIDER.name && type === DEMO_PROVIDER.type,
  );
  const { value: models } = await allPages(admin, "/models", Model);
  const simulated = await simulatedIds(admin);
  const isDemo = ({ name, targets }: Model) =>
    name === DEMO_MODEL.name && targets.every((target) => simulated.has(target.provider_id ?? ""));
  const needs = models.items.filter(
    (model) => !isDemo(model) && model.targets.some((target) => target.provider_id === provider?.id),
  );
  return [
    ...models.items.filter(isDemo).map((model) => leftover("model", model.name, model.id, "/models")),
    ...(provider === null
      ? []
      : [
          leftover(
            "provider",
            provider.name,
            provider.id,
            "/providers",
            needs.length > 0 ? `needed by ${needs.map(({ name }) => name).join(", ")}` : null,
          ),
        ]),
  ];
}

async function simulatedIds(admin: AdminClient): Promise<Set<string>> {
  const { value } = await allPages(admin, "/providers", Provider);
  return new Set(value.items.filter(({ type }) => type === "simulated").map(({ id }) => id));
}

const leftover = (
  kind: Leftover["kind"],
  name: string,
  id: string,
  collection: string,
  kept: string | null = null,
): Leftover => ({ kind, name, id, path: `${collection}/${id}`, keyPrefix: null, kept });
