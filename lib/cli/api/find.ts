import type { z } from "zod";
import { CliError, EXIT, wrongUsage } from "#lib/cli/failure";
import { ApiKey, Model, Organization, Provider, User } from "./answers";
import { type AdminClient, segment } from "./client";
import { allPages, firstWhere } from "./pages";

/*
 * People name things as they know them: an organization by its name, a user by e-mail, a key by the
 * first characters; an id always works.
 */

const LONGEST_SEARCH = 100;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** By id or name. */
export const findOrganization = (admin: AdminClient, reference: string) =>
  byIdOrName(admin, "/organizations", Organization, reference, {
    what: "organization",
    listedBy: "org list",
    isSearched: true,
    is: (row) => row.name === reference,
  });

/** By id or e-mail. */
export const findUser = (admin: AdminClient, reference: string) =>
  byIdOrName(admin, "/users", User, reference, {
    what: "user",
    listedBy: "user list",
    isSearched: true,
    is: (row) => row.email.toLowerCase() === reference.toLowerCase(),
  });

/** By id or name. */
export const findProvider = (admin: AdminClient, reference: string) =>
  byIdOrName(admin, "/providers", Provider, reference, {
    what: "provider",
    listedBy: "provider list",
    is: (row) => row.name === reference,
  });

/** By id, name or alias. */
export const findModel = (admin: AdminClient, reference: string) =>
  byIdOrName(admin, "/models", Model, reference, {
    what: "model",
    listedBy: "model list",
    is: (row) => row.name === reference || (row.aliases ?? []).includes(reference),
  });

/**
 * By id, name, first characters (as lists show them), or the key itself. Names of keys are not unique.
 * @throws CliError "usage" when several bear the name
 */
export async function findKey(admin: AdminClient, reference: string): Promise<ApiKey> {
  if (UUID.test(reference)) return (await admin.get(`/api-keys/${reference}`, ApiKey)).value;
  const { value } = await allPages(admin, "/api-keys", ApiKey);
  const named = value.items.filter((key) => key.name === reference);
  const begun = value.items.filter((key) => key.key_prefix !== "" && reference.startsWith(key.key_prefix));
  const found = named.length > 0 ? named : begun;
  const [only] = found;
  if (only === undefined) throw missing("API key", reference, "key list");
  if (found.length === 1) return only;
  throw wrongUsage(
    `${found.length} keys are called "${reference}".`,
    `Say which by its id:\n${found.map((key) => `  ${key.id}  ${key.key_prefix}…  ${key.name}`).join("\n")}`,
  );
}

async function byIdOrName<Schema extends z.ZodType>(
  admin: AdminClient,
  path: string,
  schema: Schema,
  reference: string,
  named: {
    what: string;
    listedBy: string;
    is: (row: z.output<Schema>) => boolean;
    /** The list takes `search`, which spares reading all of it. */
    isSearched?: boolean;
  },
): Promise<z.output<Schema>> {
  if (UUID.test(reference)) return (await admin.get(`${path}/${segment(reference)}`, schema)).value;
  const query = named.isSearched && reference.length <= LONGEST_SEARCH ? { search: reference } : {};
  const found = await firstWhere(admin, path, schema, named.is, query);
  if (found === null) throw missing(named.what, reference, named.listedBy);
  return found;
}

const missing = (what: string, reference: string, listedBy: string) =>
  new CliError(`There is no ${what} "${reference}".`, EXIT.notFound, {
    hint: `npx tollgate ${listedBy} shows those that there are.`,
  });
