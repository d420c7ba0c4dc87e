import type { z } from "zod";
import { ApiKey, App, type Identified, Model, Organization, Provider, User } from "#lib/cli/api/answers";
import { type AdminClient, type Query, segment } from "#lib/cli/api/client";
import { allPages } from "#lib/cli/api/pages";
import { CliError, EXIT, wrongUsage } from "#lib/cli/failure";
import { findByValue, isWholeKey } from "./key-value";

/** Where the rows of a resource are, and how to find one by what people call it. */
export type Lookup<Row extends Identified> = {
  /** Below `/api/admin/v1`. */
  path: string;
  item: z.ZodType<Row>;
  noun: string;
  /** The command's name, as in `tollgate org list`. */
  command: string;
  /**
   * @param within filters of the list, for a command that takes `--org`
   * @throws CliError "not found", and wrong usage for a name that several have
   */
  find(admin: AdminClient, reference: string, within?: Query): Promise<Row>;
};

/** Before an external id, as in the API's paths. */
const EXTERNAL_ID = /^external_id:/;
const LONGEST_SEARCH = 100;
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/* The lookups of resources that other resources refer to. */

/** By id or name. */
export const organizationLookup: Lookup<Organization> = byIdOrName({
  path: "/organizations",
  item: Organization,
  noun: "organization",
  command: "org",
  hasSearch: true,
  isNamed: (row, reference) => row.name === reference,
});

/** By id, e-mail or external id. */
export const userLookup: Lookup<User> = byIdOrName({
  path: "/users",
  item: User,
  noun: "user",
  command: "user",
  hasSearch: true,
  isNamed: (row, reference) =>
    row.email?.toLowerCase() === reference.toLowerCase() ||
    row.external_id === reference.replace(EXTERNAL_ID, ""),
});

/** By id or name. */
export const providerLookup: Lookup<Provider> = byIdOrName({
  path: "/providers",
  item: Provider,
  noun: "provider",
  command: "provider",
  isNamed: (row, reference) => row.name === reference,
});

/** By id, name or alias. */
export const modelLookup: Lookup<Model> = byIdOrName({
  path: "/models",
  item: Model,
  noun: "model",
  command: "model",
  isNamed: (row, reference) => row.name === reference || (row.aliases ?? []).includes(reference),
});

/** By id, name or external id. */
export const appLookup: Lookup<App> = byIdOrName({
  isNamed: ({ name, external_id: externalId }, reference) => reference === name || reference === externalId,
  hasSearch: true,
  path: "/apps",
  noun: "app",
  command: "app",
  item: App,
});

/** By id, name, first characters (as lists show them), or the key itself. Key names are not unique. */
export const keyLookup: Lookup<ApiKey> = {
  path: "/api-keys",
  item: ApiKey,
  noun: "key",
  command: "key",
  async find(admin, reference) {
    if (UUID.test(reference)) return (await admin.get(`/api-keys/${reference}`, ApiKey)).value;
    const { value } = await allPages(admin, "/api-keys", ApiKey);
    const named = value.items.filter((key) => key.name === reference);
    const found = named.length > 0 ? named : await keysLike(admin, reference, value.items);
    const [only] = found;
    if (only === undefined) throw notFound(keyLookup, reference);
    if (found.length === 1) return only;
    throw wrongUsage(
      `${found.length} keys are named "${reference}".`,
      `Use the id:\n${found.map((key) => `  ${key.id}  ${key.key_prefix}…  ${key.name}`).join("\n")}`,
    );
  },
};

/** The key with a value or, for a part of one, those that begin like it. */
async function keysLike(
  admin: AdminClient,
  reference: string,
  keys: readonly ApiKey[],
): Promise<readonly ApiKey[]> {
  const exact = await findByValue(admin, reference);
  if (exact !== null) return [exact];
  // Another key may begin like a whole one.
  if (isWholeKey(reference)) return [];
  return keys.filter((key) => key.key_prefix !== "" && reference.startsWith(key.key_prefix));
}

type NamedLookup<Row extends Identified> = Omit<Lookup<Row>, "find"> & {
  isNamed(row: Row, reference: string): boolean;
  /** The list takes `search`, which saves reading all of it. */
  hasSearch?: boolean;
};

/** Finds a row by its id, or by reading the list. Several organizations may have a name or a user's e-mail address. */
export function byIdOrName<Row extends Identified>(named: NamedLookup<Row>): Lookup<Row> {
  const { path, item, noun, command, isNamed, hasSearch = false } = named;
  return {
    path,
    item,
    noun,
    command,
    find: async (admin, reference, within) => {
      if (UUID.test(reference)) return (await admin.get(`${path}/${segment(reference)}`, item)).value;
      const query =
        hasSearch && reference.length <= LONGEST_SEARCH ? { search: reference.replace(EXTERNAL_ID, "") } : {};
      const { value } = await allPages(admin, path, item, { ...query, ...within });
      const found = value.items.filter((row) => isNamed(row, reference));
      const [only] = found;
      if (only === undefined) throw notFound(named, reference);
      if (found.length === 1) return only;
      throw wrongUsage(
        `${found.length} ${noun}s are named "${reference}".`,
        `Use the id${within === undefined ? "" : ", or pass --org ORG"}:\n${found.map(idAndOrganization).join("\n")}`,
      );
    },
  };
}

function idAndOrganization(row: Identified & { organization_id?: unknown }): string {
  const { id, organization_id: organization } = row;
  return typeof organization === "string" ? `  ${id}  of the organization ${organization}` : `  ${id}`;
}

export const notFound = ({ noun, command }: { noun: string; command: string }, reference: string) =>
  new CliError(`Not found: ${noun} "${reference}".`, EXIT.notFound, {
    hint: `Run npx tollgate ${command} list to see all.`,
  });
