import { expect, test } from "vitest";
import { createUser } from "#lib/services/users/create-user";
import { listUsers } from "#lib/services/users/list-users";
import { operations } from "./operations";
import { createTestApi } from "./testing/test-api";

const api = await createTestApi({ operations });
const { world } = api;
const sendCsv = (path: string, text: string, contentType = "text/csv; charset=utf-8") =>
  api.send("POST", path, { text, headers: { "content-type": contentType } });

test("imports users from CSV for an organization, after a dry run that writes nothing", async () => {
  const csv = "email,name,payment_valid_until\nada@csv.example,Ada,2030-01-31\nwrong,,\n";
  const path = `/users/import?organization_id=${world.a.id}`;
  const dry = await sendCsv(`${path}&dry_run=true`, csv);
  expect([dry.status, dry.body]).toEqual([
    200,
    {
      dry_run: true,
      created: 1,
      updated: 0,
      unchanged: 0,
      errors: [{ row: 2, field: "email", message: "Enter an e-mail address." }],
      rows: [
        { row: 1, user: "Ada", outcome: "created" },
        { row: 2, user: "wrong", outcome: "wrong" },
      ],
    },
  ]);
  const found = async () => (await listUsers(world.as(world.admin), { search: "csv.example" })).data;
  expect(await found()).toEqual([]);
  expect((await sendCsv(`${path}&all_or_none=true`, csv)).body).toMatchObject({ created: 0 });
  expect(await found()).toEqual([]);
  expect((await sendCsv(path, csv)).body).toMatchObject({ dry_run: false, created: 1 });
  expect(await found()).toMatchObject([{ name: "Ada", organization_id: world.a.id }]);
});

test("takes CSV and a query only where they are declared", async () => {
  const user = await createUser(world.as(world.admin), {
    email: "b@csv2.example",
    organization_id: world.a.id,
  });
  expect((await sendCsv("/users/bulk", "a,b\n1,2")).status).toBe(415);
  expect((await sendCsv("/users/import", "a,b", "text/plain")).status).toBe(415);
  expect((await sendCsv("/users/import?other=1", "email\na@csv.example")).status).toBe(400);
  const bulk = await api.send("POST", "/users/bulk?dry_run=true", {
    body: { ids: [user.id], set: { extend_days: 1 } },
  });
  expect(bulk.status).toBe(400);
});
