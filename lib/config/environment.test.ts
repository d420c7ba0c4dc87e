import { describe, expect, test } from "vitest";
import { complete } from "./config";
import { ConfigError, parseEnvironment } from "./environment";

describe("the environment", () => {
  test("needs nothing: every variable has a default or is optional", () => {
    expect(parseEnvironment({})).toMatchObject({
      PORT: 3000,
      DATA_DIR: ".data",
      REQUEST_TIMEOUT_MS: 600_000,
      MAX_BODY_BYTES: 33_554_432,
      LOG_RETENTION_DAYS: 90,
      LOG_LEVEL: "info",
      BLOCK_PRIVATE_UPSTREAMS: false,
      ALLOW_PRIVATE_WEBHOOKS: false,
    });
  });

  test("treats an empty variable as unset", () => {
    expect(parseEnvironment({ PORT: "", DATABASE_URL: "" })).toMatchObject({ PORT: 3000 });
  });

  test.each([
    ["PORT", "eighty", /^PORT: must be a whole number$/],
    ["PORT", "70000", /^PORT: /],
    ["DATABASE_URL", "mysql://localhost/x", /^DATABASE_URL: must begin with postgres:\/\//],
    ["ENCRYPTION_KEY", "c2hvcnQ=", /^ENCRYPTION_KEY: must be 32 bytes in base64/],
    ["NEXTAUTH_SECRET", "short", /^NEXTAUTH_SECRET: must have at least 16 characters$/],
    ["NEXTAUTH_URL", "tollgate", /^NEXTAUTH_URL: must be the portal's URL/],
    ["ADMIN_EMAIL", "nobody", /^ADMIN_EMAIL: must be an e-mail address$/],
    ["ADMIN_PASSWORD", "short", /^ADMIN_PASSWORD: must have at least 8 characters$/],
    ["ADMIN_API_KEY", "15-characters-x", /^ADMIN_API_KEY: must have at least 16 characters/],
    ["ADMIN_API_KEY", "sixteen characters with spaces", /^ADMIN_API_KEY: /],
    ["BLOCK_PRIVATE_UPSTREAMS", "perhaps", /^BLOCK_PRIVATE_UPSTREAMS: must be true or false$/],
    ["LOG_LEVEL", "loud", /^LOG_LEVEL: /],
    ["METRICS_TOKEN", "short", /^METRICS_TOKEN: must have at least 16 characters/],
    ["AI_GATEWAY_ID", "a/b", /^AI_GATEWAY_ID: must have only letters/],
    ["LOG_RETENTION_DAYS", "0", /^LOG_RETENTION_DAYS: /],
    ["TRUSTED_PROXIES", "10.0.0.0/8, my-proxy", /^TRUSTED_PROXIES: must be addresses, ranges/],
    ["REDIS_URL", "http://redis.example.com", /^REDIS_URL: must begin with redis:\/\/ or rediss:\/\/$/],
    ["UPSTASH_REDIS_REST_URL", "redis://x.upstash.io", /^UPSTASH_REDIS_REST_URL: must be the REST URL/],
    ["UPSTASH_REDIS_REST_URL", "https://x.upstash.io", /^UPSTASH_REDIS_REST_TOKEN: must be set with/],
    ["UPSTASH_REDIS_REST_TOKEN", "secret-token", /^UPSTASH_REDIS_REST_URL: must be set with/],
    ["RATE_LIMIT_WINDOWS", "100/1h,50000/1w", /^RATE_LIMIT_WINDOWS: must be windows, .*"100\/1h"/],
    ["RATE_LIMIT_REQUESTS_PER_MINUTE", "-1", /^RATE_LIMIT_REQUESTS_PER_MINUTE: /],
  ])("rejects %s=%s and says what it must be", (name, value, message) => {
    expect(() => parseEnvironment({ [name]: value })).toThrow(message);
  });

  test("reads a log level in any case", () => {
    expect(parseEnvironment({ LOG_LEVEL: "DEBUG" }).LOG_LEVEL).toBe("debug");
    expect(parseEnvironment({ LOG_LEVEL: "Warn" }).LOG_LEVEL).toBe("warn");
  });

  test("needs all three variables of Cloudflare's AI Gateway, or none", () => {
    expect(() => parseEnvironment({ AI_GATEWAY_ID: "main", AI_GATEWAY_TOKEN: "t" })).toThrow(
      /^AI_GATEWAY_ACCOUNT_ID: must be set too: [^\n]*$/,
    );
    const all = { AI_GATEWAY_ACCOUNT_ID: "a1", AI_GATEWAY_ID: "main", AI_GATEWAY_TOKEN: "t" };
    expect(parseEnvironment(all)).toMatchObject(all);
  });

  test("accepts proxies as addresses, ranges and two names", () => {
    expect(parseEnvironment({}).TRUSTED_PROXIES).toEqual([]);
    expect(parseEnvironment({ TRUSTED_PROXIES: "loopback, 10.1.2.3/8,2001:DB8::1" }).TRUSTED_PROXIES).toEqual(
      ["127.0.0.0/8", "::1", "10.0.0.0/8", "2001:db8::1"],
    );
    expect(parseEnvironment({ TRUSTED_PROXIES: "private" }).TRUSTED_PROXIES).toContain("192.168.0.0/16");
  });

  test("names every wrong variable on its own line, without values", () => {
    const read = () => parseEnvironment({ PORT: "x", NEXTAUTH_SECRET: "hunter2" });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/^PORT: .*\nNEXTAUTH_SECRET: [^\n]*$/);
    expect(read).not.toThrow(/hunter2/);
  });
});

describe("single sign-on", () => {
  const OIDC = {
    OIDC_ISSUER: "https://login.example.com/realms/main",
    OIDC_CLIENT_ID: "tollgate",
    OIDC_CLIENT_SECRET: "hunter2hunter2",
  };

  test("is off by default, and rejects unknown users", () => {
    expect(parseEnvironment({})).toMatchObject({ OIDC_NEW_USERS: "refuse" });
    expect(parseEnvironment({}).OIDC_ISSUER).toBeUndefined();
    expect(parseEnvironment(OIDC)).toMatchObject(OIDC);
  });

  test.each(["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"])("needs %s", (missing) => {
    const read = () => parseEnvironment({ ...OIDC, [missing]: "" });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(new RegExp(`^${missing}: must be set too[^\\n]*$`));
  });

  test("names both that are missing", () => {
    expect(() => parseEnvironment({ OIDC_ISSUER: OIDC.OIDC_ISSUER })).toThrow(
      /^OIDC_CLIENT_ID: .*\nOIDC_CLIENT_SECRET: [^\n]*$/,
    );
  });

  test.each([
    ["OIDC_ISSUER", "login.example.com", /^OIDC_ISSUER: must be the issuer's URL/],
    ["OIDC_ISSUER", "ldap://login.example.com", /^OIDC_ISSUER: must be the issuer's URL/],
    ["OIDC_NEW_USERS", "maybe", /^OIDC_NEW_USERS: must be refuse or create$/],
    ["OIDC_NEW_USERS", "create", /^OIDC_ORGANIZATION: must be set with OIDC_NEW_USERS=create/],
  ])("rejects %s=%s", (name, value, message) => {
    expect(() => parseEnvironment({ ...OIDC, [name]: value })).toThrow(message);
  });

  test("can create users in an organization", () => {
    const create = { ...OIDC, OIDC_NEW_USERS: "create", OIDC_ORGANIZATION: "Example" };
    expect(parseEnvironment(create)).toMatchObject(create);
  });
});

describe("with an external database", () => {
  const DATABASE_URL = "postgres://localhost/tollgate";

  test("the secrets are required, and each missing one is named", () => {
    const read = () => complete(parseEnvironment({ DATABASE_URL }));
    expect(read).toThrow(/NEXTAUTH_SECRET: must be set/);
    expect(read).toThrow(/ENCRYPTION_KEY: must be set/);
  });

  test("the configuration is complete with them", () => {
    const ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
    const given = { DATABASE_URL, NEXTAUTH_SECRET: "0123456789abcdef", ENCRYPTION_KEY };
    expect(complete(parseEnvironment(given))).toMatchObject(given);
  });
});
