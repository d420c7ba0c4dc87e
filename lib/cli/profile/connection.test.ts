import { describe, expect, test } from "vitest";
import { newConfigFile } from "#lib/cli/testing/run-here";
import type { CliEnvironment } from "#lib/config/cli-environment";
import { cliEnvironment } from "#lib/config/cli-environment";
import { adminToken, apiKey, normalizedUrl, serverUrl } from "./connection";
import { writeProfiles } from "./store";

const A = { url: "https://a.example", token: "token-of-a", api_key: "key-of-a" };
const B = { url: "https://b.example", token: "token-of-b" };

function environment(variables: Partial<CliEnvironment> = {}): CliEnvironment {
  const configFile = newConfigFile();
  writeProfiles(configFile, { current: "a", profiles: { a: A, b: B } });
  const agentDirectories = { claude: "", codex: "", opencode: "" };
  return {
    url: undefined,
    token: undefined,
    apiKey: undefined,
    colour: false,
    configFile,
    agentDirectories,
    named: () => undefined,
    ...variables,
  };
}

describe("the server and the token", () => {
  test("come from flags, then a named profile, then the environment, then the current profile", () => {
    const env = environment({ url: "https://env.example", token: "token-of-env" });
    expect(serverUrl({ url: "https://flag.example" }, env)).toBe("https://flag.example");
    expect(serverUrl({ profile: "b" }, env)).toBe(B.url);
    expect(serverUrl({}, env)).toBe("https://env.example");
    expect(serverUrl({}, environment())).toBe(A.url);

    expect(adminToken(A.url, { token: "token-of-flag" }, env)).toBe("token-of-flag");
    expect(adminToken(B.url, { profile: "b" }, env)).toBe("token-of-b");
    expect(adminToken(A.url, {}, env)).toBe("token-of-env");
    expect(adminToken(A.url, {}, environment())).toBe("token-of-a");
  });

  test("belong together: a profile's secrets are only sent to its server", () => {
    const env = environment();
    expect(() => adminToken("https://elsewhere.example", {}, env)).toThrow("No admin token");
    expect(() => apiKey("https://elsewhere.example", {}, env)).toThrow("No API key");
    expect(apiKey(A.url, {}, env)).toBe("key-of-a");
  });

  test("produce an error that says what to do when they are missing", () => {
    const env = environment({ configFile: newConfigFile() });
    expect(() => serverUrl({}, env)).toThrow(
      expect.objectContaining({ exitCode: 2, hint: expect.stringContaining("npx tollgate login --url") }),
    );
    expect(() => adminToken(A.url, {}, env)).toThrow(
      expect.objectContaining({ exitCode: 3, hint: expect.stringContaining(`login --url ${A.url}`) }),
    );
    expect(() => apiKey(B.url, { profile: "b" }, environment())).toThrow(
      expect.objectContaining({ exitCode: 3, hint: expect.stringContaining("key create") }),
    );
    expect(() => serverUrl({ profile: "c" }, environment())).toThrow(
      expect.objectContaining({ message: 'Not found: profile "c".', hint: "Profiles: a, b." }),
    );
  });
});

describe("a URL", () => {
  test("is normalized however people paste it", () => {
    for (const pasted of ["", "/", "/v1", "/v1/", "/api/admin/v1"]) {
      expect(normalizedUrl(`http://localhost:3000${pasted}`, "--url")).toBe("http://localhost:3000");
    }
    expect(normalizedUrl("https://example.com/tollgate/", "--url")).toBe("https://example.com/tollgate");
  });

  test("is rejected when it is not an HTTP URL or contains credentials", () => {
    for (const wrong of ["localhost:3000", "ftp://x", "", "http://user:password@x"]) {
      expect(() => normalizedUrl(wrong, "--url"), wrong).toThrow("--url");
    }
  });
});

describe("the environment", () => {
  test("puts the profiles under an absolute XDG_CONFIG_HOME, otherwise under ~/.config", () => {
    expect(cliEnvironment({ XDG_CONFIG_HOME: "/x" }, "/home/ada").configFile).toBe("/x/tollgate/config.json");
    expect(cliEnvironment({ XDG_CONFIG_HOME: "x" }, "/home/ada").configFile).toBe(
      "/home/ada/.config/tollgate/config.json",
    );
  });

  test("treats an empty variable as unset, and honours NO_COLOR", () => {
    expect(cliEnvironment({ TOLLGATE_URL: "", TOLLGATE_TOKEN: "t" }, "/")).toMatchObject({
      url: undefined,
      token: "t",
      colour: true,
    });
    expect(cliEnvironment({ NO_COLOR: "1" }, "/").colour).toBe(false);
    expect(cliEnvironment({ TERM: "dumb" }, "/").colour).toBe(false);
  });
});
