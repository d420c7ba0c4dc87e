import { ApiKey, ApiKeyWithSecret, Model, Organization, Provider, User } from "#lib/cli/api/answers";
import type { AdminClient } from "#lib/cli/api/client";
import { allPages, firstWhere } from "#lib/cli/api/pages";
import { DEMO_MODEL, DEMO_ORGANIZATIONS, DEMO_PROVIDER, DEMO_TAG, DEMO_USERS } from "./demo-data";

/** A part of the demo, and whether it was created now. */
export type Step = { kind: string; name: string; id: string; made: boolean };

export type Demo = {
  steps: Step[];
  organizations: Organization[];
  model: string;
  /** A working key of the first user. */
  key: string;
  /** Other users' keys that were created now. */
  otherKeys: { email: string; key: string; shows: string }[];
  /** The existing key was replaced because its secret is unknown. */
  replaced: boolean;
};

/** How long a replaced key still works. */
export const GRACE_SECONDS = 86_400;

/**
 * Creates what the demo lacks and keeps what exists, so that it can be repeated.
 * @param known a key that may be the demo's, in which case it is not replaced
 */
export async function setUp(admin: AdminClient, known: string | null): Promise<Demo> {
  const steps: Step[] = [];
  const model = await provideModel(admin, steps);
  const organizations: Organization[] = [];
  for (const wanted of DEMO_ORGANIZATIONS)
    organizations.push(await provideOrganization(admin, wanted, steps));
  const keys: { email: string; key: string; shows: string; replaced: boolean }[] = [];
  for (const [at, { organization, person, keyName, shows }] of DEMO_USERS.entries()) {
    const organization_id = organizations.find(({ name }) => name === organization)?.id ?? "";
    const user = await provideUser(admin, { ...person, organization_id }, steps);
    const provided = await provideKey(admin, { name: keyName, user }, { known, mustWork: at === 0 }, steps);
    if (provided !== null) keys.push({ email: person.email, shows, ...provided });
  }
  const [first, ...others] = keys;
  if (first === undefined) throw new Error("the demo's first user has no key");
  const otherKeys = others.map(({ email, key, shows }) => ({ email, key, shows }));
  return { steps, organizations, model, key: first.key, replaced: first.replaced, otherKeys };
}

/** A model that costs nothing: one of a simulated provider. */
async function provideModel(admin: AdminClient, steps: Step[]): Promise<string> {
  const { value: providers } = await allPages(admin, "/providers", Provider);
  const simulated = providers.items.filter(({ type, enabled }) => type === "simulated" && enabled !== false);
  const isSimulated = (id: string | null | undefined) => simulated.some((provider) => provider.id === id);
  const model = await firstWhere(
    admin,
    "/models",
    Model,
    ({ enabled, targets }) =>
      enabled !== false && targets.length > 0 && targets.every((target) => isSimulated(target.provider_id)),
  );
  if (model !== null) {
    steps.push({ kind: "model", name: model.name, id: model.id, made: false });
    return model.name;
  }
  const provider = simulated[0] ?? (await admin.post("/providers", Provider, DEMO_PROVIDER)).value;
  steps.push({ kind: "provider", name: provider.name, id: provider.id, made: simulated.length === 0 });
  const targets = [{ provider_id: provider.id, upstream_model: DEMO_MODEL.name }];
  const { value: made } = await admin.post("/models", Model, { ...DEMO_MODEL, targets });
  steps.push({ kind: "model", name: made.name, id: made.id, made: true });
  return made.name;
}

async function provideOrganization(
  admin: AdminClient,
  wanted: (typeof DEMO_ORGANIZATIONS)[number],
  steps: Step[],
): Promise<Organization> {
  const { name } = wanted;
  const found = await firstWhere(admin, "/organizations", Organization, (row) => row.name === name);
  const organization = found ?? (await admin.post("/organizations", Organization, wanted)).value;
  steps.push({ kind: "organization", name, id: organization.id, made: found === null });
  return organization;
}

async function provideUser(
  admin: AdminClient,
  person: (typeof DEMO_USERS)[number]["person"] & { organization_id: string },
  steps: Step[],
): Promise<User> {
  const path = `/organizations/${person.organization_id}/users`;
  const found = await firstWhere(admin, path, User, (row) => row.email === person.email);
  const user = found ?? (await admin.post("/users", User, person)).value;
  steps.push({ kind: "user", name: person.email, id: user.id, made: found === null });
  return user;
}

/** @returns the key if it was created, known or replaced; null if it exists and is not needed */
async function provideKey(
  admin: AdminClient,
  wanted: { name: string; user: User },
  { known, mustWork }: { known: string | null; mustWork: boolean },
  steps: Step[],
): Promise<{ key: string; replaced: boolean } | null> {
  const { name, user } = wanted;
  const works = (row: ApiKey) =>
    !row.revoked_at && (!row.expires_at || Date.parse(row.expires_at) > Date.now());
  const query = { user_id: user.id, tag: DEMO_TAG };
  const found = await firstWhere(admin, "/api-keys", ApiKey, works, query);
  if (found === null) {
    const body = { name, user_id: user.id, tags: [DEMO_TAG] };
    const { value: made } = await admin.post("/api-keys", ApiKeyWithSecret, body);
    steps.push({ kind: "key", name, id: made.id, made: true });
    return { key: made.key, replaced: false };
  }
  steps.push({ kind: "key", name: found.name, id: found.id, made: false });
  if (!mustWork) return null;
  if (known?.startsWith(found.key_prefix)) return { key: known, replaced: false };
  const body = { grace_seconds: GRACE_SECONDS };
  const { value: rotated } = await admin.post(`/api-keys/${found.id}/rotate`, ApiKeyWithSecret, body);
  return { key: rotated.key, replaced: true };
}
