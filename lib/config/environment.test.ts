import { describe, expect, it } from "vitest";
import { complete } from "./config";
import { ConfigError, parseEnvironment } from "./environment";

describe("the environment", () => {
  it("needs nothing: every variable has a default or may be absent", () => {
    expect(parseEnvironment({})).toMatchObject({
      PORT: 3000,
      DATA_DIR: ".data",
      REQUEST_TIMEOUT_MS: 600_000,
      MAX_BODY_BYTES: 33_554_432,
      LOG_LEVEL: "info",
      BLOCK_PRIVATE_UPSTREAMS: false,
    });
  });

  it("counts an empty variable as not set", () => {
    expect(parseEnvironment({ PORT: "", DATABASE_URL: "" })).toMatchObject({ PORT: 3000 });
  });

  it.each([
    ["PORT", "eighty", /^PORT: must be a whole number$/],
    ["PORT", "70000", /^PORT: /],
    ["DATABASE_URL", "mysql://localhost/x", /^DATABASE_URL: must begin with postgres:\/\//],
    ["ENCRYPTION_KEY", "c2hvcnQ=", /^ENCRYPTION_KEY: must be 32 bytes in base64/],
    ["NEXTAUTH_SECRET", "short", /^NEXTAUTH_SECRET: must have at least 16 characters$/],
    ["NEXTAUTH_URL", "tollgate", /^NEXTAUTH_URL: must be the portal's URL/],
    ["ADMIN_EMAIL", "nobody", /^ADMIN_EMAIL: must be an e-mail address$/],
    ["ADMIN_PASSWORD", "short", /^ADMIN_PASSWORD: must have at least 8 characters$/],
    ["BLOCK_PRIVATE_UPSTREAMS", "perhaps", /^BLOCK_PRIVATE_UPSTREAMS: must be true or false$/],
    ["LOG_LEVEL", "loud", /^LOG_LEVEL: /],
  ])("refuses %s=%s and says what it must be", (name, value, message) => {
    expect(() => parseEnvironment({ [name]: value })).toThrow(message);
  });

  it("names everything that is wrong at once, a line each, and repeats no value", () => {
    const read = () => parseEnvironment({ PORT: "x", NEXTAUTH_SECRET: "hunter2" });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/^PORT: .*\nNEXTAUTH_SECRET: [^\n]*$/);
    expect(read).not.toThrow(/hunter2/);
  });
});

describe("with a database of one's own", () => {
  const DATABASE_URL = "postgres://localhost/tollgate";

  it("the secrets must be given, and each missing one is named", () => {
    const read = () => complete(parseEnvironment({ DATABASE_URL }));
    expect(read).toThrow(/NEXTAUTH_SECRET: must be set/);
    expect(read).toThrow(/ENCRYPTION_KEY: must be set/);
  });

  it("the configuration is complete once they are", () => {
    const ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
    const given = { DATABASE_URL, NEXTAUTH_SECRET: "0123456789abcdef", ENCRYPTION_KEY };
    expect(complete(parseEnvironment(given))).toMatchObject(given);
  });
});
