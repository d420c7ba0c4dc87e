import { beforeEach, describe, expect, test } from "vitest";
import { createApp } from "#lib/services/apps/create-app";
import { updateApp } from "#lib/services/apps/update-app";
import { updateOrganization } from "#lib/services/organizations/update-organization";
import { worldOfFile } from "#lib/services/testing/world";
import { newEmail } from "#lib/services/users/testing/users";
import { createUser } from "./users/create-user";
import { updateUser } from "./users/update-user";

const world = await worldOfFile();
type Models = string[] | null;

const setOrganization = (id: string, allowed_models: Models) =>
  updateOrganization(world.as(world.admin), { id, allowed_models });
const newUser = (allowed_models: Models, organization_id: string | null = world.a.id) =>
  createUser(world.as(world.admin), {
    email: newEmail(),
    organization_id,
    allowed_models,
    role: organization_id === null ? "admin" : "member",
  });
const newApp = (allowed_models: Models) =>
  createApp(world.as(world.orgAdmin), { name: "CRM", allowed_models });

const nouns: [
  noun: string,
  create: (allowed_models: Models) => Promise<{ id: string }>,
  update: (change: { id: string; name?: string; allowed_models?: Models }) => Promise<object>,
][] = [
  ["user", newUser, (change) => updateUser(world.as(world.orgAdmin), change)],
  ["app", newApp, (change) => updateApp(world.as(world.orgAdmin), change)],
];

/** Expects an error for `allowed_models` that names these in this order. */
const expectWider = (run: Promise<unknown>, ...words: string[]) =>
  expect(run).rejects.toMatchObject({
    code: "invalid",
    fields: { allowed_models: expect.stringMatching(new RegExp(["organization", ...words].join(".*"), "s")) },
  });

beforeEach(async () => {
  await setOrganization(world.a.id, ["small"]);
  await setOrganization(world.b.id, null);
});

describe.each(nouns)("the models of an %s", (_noun, create, update) => {
  test("are within the organization's: an error names all that are not, and what is allowed", async () => {
    await expectWider(create(["large", "small", "huge"]), "large, huge", "allows small");
    const { id } = await create(["small"]);
    await expectWider(update({ id, allowed_models: ["large"] }), "large", "allows small");
    expect(await update({ id, allowed_models: [] })).toMatchObject({ allowed_models: [] });
    await setOrganization(world.a.id, []);
    await expectWider(update({ id, allowed_models: ["small"] }), "small", "allows none");
  });

  test("may be named by an alias, and null adds no bound", async () => {
    const { id } = await create(["tiny"]);
    expect(await update({ id, allowed_models: null })).toMatchObject({ allowed_models: null });
  });

  test("stay when the organization narrows, and are judged when they change", async () => {
    await setOrganization(world.a.id, ["small", "large"]);
    const wide = ["small", "large"];
    const { id } = await create(wide);
    await setOrganization(world.a.id, ["small"]);
    const renamed = await update({ id, name: "Renamed", allowed_models: wide });
    expect(renamed).toMatchObject({ name: "Renamed", allowed_models: wide });
    await expectWider(update({ id, allowed_models: ["large"] }), "large");
    expect(await update({ id, allowed_models: ["small"] })).toMatchObject({ allowed_models: ["small"] });
  });

  test("that are too many for a message are counted", async () => {
    const many = Array.from({ length: 200 }, (_, index) => `model-${index}`);
    await expectWider(create(many), "model-0, model-1, .*model-9 and 190 more");
  });
});

test("a user who moves is judged by the new organization only if the models change", async () => {
  const { id } = await newUser(["small"]);
  await setOrganization(world.b.id, ["large"]);
  const move = { id, organization_id: world.b.id };
  await expectWider(
    updateUser(world.as(world.admin), { ...move, allowed_models: ["small", "tiny"] }),
    "small, tiny",
    "allows large",
  );
  expect(await updateUser(world.as(world.admin), move)).toMatchObject({
    organization_id: world.b.id,
    allowed_models: ["small"],
  });
});

test("no organization bounds an administrator of the installation", async () => {
  expect(await newUser(["large"], null)).toMatchObject({ allowed_models: ["large"] });
});
