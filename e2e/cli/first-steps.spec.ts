import { expect } from "../fixtures";
import { ADMIN_API_KEY } from "../mounts";
import { test } from "./tollgate";

test("following the examples of --help sets up an organization and chats", async ({ gate, tollgate }) => {
  const { out: help } = await tollgate.run(["--help"]);
  const [examples = "", pretend = ""] = help.split("Without a provider's key");
  const lines = (text: string) =>
    [...text.matchAll(/^ {2}\$ (npx tollgate .*)$/gm)].map(([, line = ""]) => line);
  const [login = "", , , ...rest] = lines(examples);
  const [provider = "", model = ""] = lines(pretend);
  // The names in the examples must be free.
  await gate.sql`DELETE FROM model_targets WHERE model_id IN (SELECT id FROM models WHERE name = 'gpt-5-mini')`;
  await gate.sql`DELETE FROM models WHERE name = 'gpt-5-mini'`;

  const said: string[] = [];
  for (const line of [login, provider, model, ...rest]) {
    const typed = line.replace("http://localhost:3000", gate.url).replace(/\bTOKEN\b/, ADMIN_API_KEY);
    const { code, out, err } = await tollgate.shell(typed);
    expect([typed, code, code === 0 ? "" : err]).toEqual([typed, 0, ""]);
    said.push(out);
  }
  const [chat = "", , usage = ""] = said.slice(-3);
  expect(chat.length).toBeGreaterThan(20);
  expect(usage).toMatch(/budget\s+\$100/);
  expect(usage).toMatch(/requests\s+1\n/);
  expect(usage).toMatch(/spent\s+\$0\.0+[1-9]/);

  const again = await tollgate.shell("npx tollgate org delete Acme --yes");
  expect([again.code, again.err]).toEqual([1, expect.stringContaining("still has")]);
  expect((await tollgate.shell("npx tollgate user delete ada@acme.example --yes")).code).toBe(0);
  expect((await tollgate.shell("npx tollgate org delete Acme --yes")).code).toBe(0);
  expect((await tollgate.shell("npx tollgate model delete gpt-5-mini --yes")).code).toBe(0);
  expect((await tollgate.shell("npx tollgate provider delete pretend --yes")).code).toBe(0);
});

test("setup prints a curl command that works; cleanup deletes everything", async ({ tollgate }) => {
  const { code, out } = await tollgate.run(["setup"]);
  expect(code).toBe(0);
  const curl = out.slice(out.indexOf("  curl "), out.indexOf("\nor:"));
  const pasted = await tollgate.shell(curl.replace("curl ", "curl -sS "));
  expect(JSON.parse(pasted.out).choices[0].message.content.length).toBeGreaterThan(0);

  const [, key = ""] = /Bearer (\S+)"/.exec(curl) ?? [];
  const [, model = ""] = /"model": ?"([^"]+)"/.exec(curl) ?? [];
  const again = await tollgate.json("setup");
  expect(again.replaced).toBe(true);
  for (const each of [key, again.key]) {
    expect((await tollgate.run(["chat", "--model", model, "--key", each, "Hi"])).code).toBe(0);
  }

  expect(await tollgate.json("smoke", "--key", again.key, "--model", model)).toMatchObject({ ok: true });
  // Other specs have providers that do not work, and servers without Redis beside each other.
  const doctor = await tollgate.run(["doctor", "--key", again.key, "--json"]);
  const { checks }: { checks: { name: string; state: string }[] } = JSON.parse(doctor.out);
  for (const name of ["server", "database", "key", "models of the key"])
    expect(checks).toContainEqual(expect.objectContaining({ name, state: "ok" }));

  const dry = await tollgate.json("cleanup");
  expect(dry.data.length).toBeGreaterThan(5);
  expect(new Set(dry.data.map(({ outcome }) => outcome))).toEqual(new Set(["would be deleted"]));
  const done = await tollgate.json("cleanup", "--confirm");
  expect(new Set(done.data.map(({ outcome }) => outcome))).toEqual(new Set(["deleted"]));
  expect((await tollgate.json("cleanup")).data).toEqual([]);
  expect((await tollgate.run(["chat", "--key", again.key, "Hi"])).code).toBe(3);
});
