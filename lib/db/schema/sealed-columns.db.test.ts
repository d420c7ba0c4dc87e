import { getTableName } from "drizzle-orm";
import { expect, test } from "vitest";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { credentialsOf, headersOf } from "#lib/providers/open-provider";
import { providers } from "./routing";
import { placeIn, SEALED_COLUMNS } from "./sealed-columns";

const { sql } = await databaseOfFile();

/** Columns of bytes that are hashes: nothing opens them, so that no key has to be replaced. */
const HASHES = [
  "admin_tokens.token_hash",
  "api_keys.key_hash",
  "api_keys.previous_key_hash",
  "apps.previous_secret_hash",
  "apps.secret_hash",
  "idempotency_keys.fingerprint",
  "invites.token_hash",
  "password_resets.token_hash",
  "price_versions.digest",
  "sign_in_failures.subject",
];

test("each column of bytes is either a hash or sealed anew by a rotation of ENCRYPTION_KEY", async () => {
  const rows = await sql<{ name: string }[]>`
    SELECT table_name || '.' || column_name AS name FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type = 'bytea' ORDER BY 1`;
  const sealed = SEALED_COLUMNS.map(({ table, column }) => `${getTableName(table)}.${column.name}`);
  expect(rows.map(({ name }) => name)).toEqual([...HASHES, ...sealed].sort());
});

test("providers are sealed for the places of their columns", () => {
  expect(credentialsOf("1")).toEqual(placeIn(providers.credentials, "1"));
  expect(headersOf("1")).toEqual(placeIn(providers.headers, "1"));
});

test("what hashes depend on is sealed first, which moves all processes to the new key", () => {
  expect(SEALED_COLUMNS.map(({ column }) => column.name)[0]).toBe("hashing");
});
