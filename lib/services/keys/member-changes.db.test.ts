import { describe, expect, test } from "vitest";
import { expectForbidden } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { createKey } from "./create-key";
import { getKey } from "./get-key";
import { updateKey } from "./update-key";

const world = await worldOfFile();
const { id: providerId } = await world.addProvider("upstream");
const asMember = () => world.as(world.member);
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

describe("a member's key keeps what others set", () => {
  const set = {
    allowed_models: ["small"],
    allowed_ips: ["10.0.0.1"],
    provider_id: providerId,
    budget: { limit_usd: "0", period: "month" as const },
    rate_limits: { requests_per_minute: 1, max_concurrent: 1 },
    expires_at: inDays(1),
  };
  const wider: [field: keyof typeof set, value: unknown][] = [
    ["allowed_models", null],
    ["allowed_models", ["small", "large"]],
    ["allowed_ips", null],
    ["allowed_ips", ["0.0.0.0/0"]],
    ["provider_id", null],
    ["budget", null],
    ["budget", { limit_usd: "0.01", period: "month" }],
    ["rate_limits", null],
    ["rate_limits", { requests_per_minute: 2, max_concurrent: 1 }],
    ["expires_at", null],
    ["expires_at", inDays(2)],
  ];

  test.each(wider)("%s is not changed to %j", async (field, value) => {
    const { id } = await createKey(world.as(world.admin), {
      name: "bound",
      user_id: world.member.id,
      ...set,
    });
    await expectForbidden(() => updateKey(asMember(), { id, name: "mine", ...{ [field]: value } }));
    expect(await getKey(asMember(), { id })).toMatchObject({ name: "bound", ...set });
  });

  test.each<object>([
    { status: "active" },
    { revoked_at: null },
    { user_id: world.other.id },
    { organization_id: world.b.id },
  ])("an update has no field %j", async (extra) => {
    await expect(
      updateKey(asMember(), { id: world.a.memberKey, name: "mine", ...extra }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/invalid|not_found/) });
  });
});
