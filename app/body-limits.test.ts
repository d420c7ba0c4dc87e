import { describe, expect, test } from "vitest";
import { MOST_PAGE_BYTES, mostPortalBytes } from "#lib/http/portal-bodies";
import { createKey } from "#lib/services/keys/create-key";
import { createModel } from "#lib/services/models/create-model";
import nextConfig from "../next.config";

describe("the bodies of server actions", () => {
  test("have the same limit in Next, which is alone on Vercel and in development", () => {
    expect(nextConfig.experimental?.serverActions?.bodySizeLimit).toBe(MOST_PAGE_BYTES);
    expect(nextConfig.experimental?.proxyClientMaxBodySize).toBe(MOST_PAGE_BYTES);
    expect(mostPortalBytes("/keys")).toBe(MOST_PAGE_BYTES);
  });

  const name = (length: number) => "x".repeat(length);
  const many = <T>(count: number, item: (at: number) => T) =>
    Array.from({ length: count }, (_, at) => item(at));
  const digits = (at: number) => String(at).padStart(4, "0");
  test.each([
    [
      "an API key",
      createKey,
      {
        name: name(80),
        allowed_models: many(200, (at) => digits(at) + name(196)),
        allowed_ips: many(200, (at) => `2001:db8:aaaa:bbbb:cccc:dddd:eeee:${digits(at)}/128`),
        tags: many(50, (at) => digits(at) + "漢".repeat(96)),
        metadata: Object.fromEntries(many(50, (at) => [digits(at) + "漢".repeat(36), "漢".repeat(500)])),
      },
    ],
    [
      "a model",
      createModel,
      {
        name: name(200),
        aliases: many(50, (at) => digits(at) + name(196)),
        targets: many(50, (at) => ({
          provider_id: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
          upstream_model: digits(at) + name(196),
          priority: 1000,
          enabled: false,
        })),
      },
    ],
  ])("may be as large as the fields of %s allow", (_what, verb, input) => {
    expect(verb.input.safeParse(input)).toMatchObject({ success: true });
    expect(Buffer.byteLength(JSON.stringify([input]))).toBeLessThan(MOST_PAGE_BYTES * 0.8);
  });
});
