import { Option } from "@commander-js/extra-typings";
import { AdminToken, AdminTokenWithSecret } from "#lib/cli/api/answers";
import { day } from "#lib/cli/output/format";
import type { createAdminToken } from "#lib/services/admin-tokens/create-admin-token";
import type { InputOf } from "#lib/services/verb";
import { remove } from "./commands/change";
import { createWithSecret } from "./commands/create";
import { list } from "./commands/list";
import { expiryField } from "./expiry";
import { fieldsOf } from "./field";
import { byIdOrName, type Lookup, organizationLookup, UUID } from "./lookups";
import { defineResource } from "./resource";

const byName: Lookup<AdminToken> = byIdOrName({
  path: "/admin-tokens",
  item: AdminToken,
  noun: "admin token",
  command: "token",
  isNamed: ({ name }, reference) => name === reference,
});

/** By id or name. The API has no `GET` for one token, so an id is taken as it is. */
const tokenLookup: Lookup<AdminToken> = {
  ...byName,
  find: async (admin, reference) =>
    UUID.test(reference) ? { id: reference } : byName.find(admin, reference),
};

const { field, reference } = fieldsOf<InputOf<typeof createAdminToken>>();

/** `tollgate token …` */
export const addTokens = defineResource<AdminToken>({
  ...tokenLookup,
  alias: "tokens",
  plural: "admin tokens",
  summary: "Admin tokens: how scripts and this CLI authenticate to the Admin API",
  named: "id or name",
  label: ({ id, name }) => (name === undefined ? `the admin token ${id}` : `the admin token "${name}"`),
  columns: [
    { title: "NAME", value: (token) => token.name, mayShrink: true },
    { title: "ID", value: (token) => token.id },
    { title: "ROLE", value: (token) => token.role },
    { title: "ORGANIZATION", value: (token) => token.organization_id ?? "all", mayGo: true },
    { title: "EXPIRES", value: (token) => day(token.expires_at), mayGo: true },
    { title: "CREATED", value: (token) => day(token.created_at), mayGo: true },
  ],
  facts: ({ id, name, role }) => [
    ["name", name],
    ["id", id],
    ["role", role],
  ],
  commands: [
    createWithSecret({
      description: "create an admin token; prints it to stdout once",
      nameDescription: "its name",
      fields: [
        field(
          "role",
          new Option("--role <role>", "what it may do")
            .choices(["admin", "org_admin", "viewer"])
            .makeOptionMandatory(),
        ),
        reference(
          "organization_id",
          new Option("--org <org>", "limit it to this organization: name or id"),
          organizationLookup,
        ),
        expiryField,
      ],
      examples: [],
      item: AdminTokenWithSecret,
      secret: ({ token }) => token,
      title: ({ name, id }) => `The admin token "${name}" (${id}):`,
    }),
    list({ empty: "No admin tokens yet. Create one:  npx tollgate token create NAME --role ROLE" }),
    remove("delete an admin token; it is rejected on its next use"),
  ],
});
