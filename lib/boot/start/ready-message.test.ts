import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { localUrl } from "#lib/boot/server/listen";
import { type ReadyFacts, readyMessage } from "./ready-message";

const facts: ReadyFacts = {
  tookMs: 1234,
  portalUrl: "https://tollgate.example.com",
  localUrl: "http://localhost:3000",
  signIn: { email: "admin@tollgate.local", password: "once-only" },
  demoKey: "tg_demo_abc",
  firstProviders: [],
  dataDirectory: "/srv/data",
  isAdminKeyGiven: false,
};

describe("the ready message", () => {
  test("has the addresses and how to sign in", () => {
    const message = readyMessage(facts);
    for (const text of [
      "https://tollgate.example.com",
      "admin@tollgate.local",
      "once-only",
      "/srv/data",
      "1.2 s",
    ]) {
      expect(message).toContain(text);
    }
  });

  test("says where the CLI's token is", () => {
    expect(readyMessage(facts)).toMatch(/npx tollgate .*ADMIN_API_KEY in \/srv\/data\/secrets\.json/);
    expect(readyMessage({ ...facts, dataDirectory: null })).not.toContain("ADMIN_API_KEY");
    const given = readyMessage({ ...facts, isAdminKeyGiven: true });
    expect(given).toContain("token: ADMIN_API_KEY in the environment");
    expect(given).not.toContain("secrets.json");
  });

  test("has a command that can be pasted into a shell", () => {
    const message = readyMessage(facts);
    const command = message.slice(message.indexOf("curl"), message.indexOf("  Add -N"));
    const seen = execFileSync("sh", ["-c", `curl() { printf '%s\\n' "$@"; }\n${command}`], {
      encoding: "utf8",
    });
    expect(seen.trim().split("\n")).toEqual([
      "http://localhost:3000/v1/chat/completions",
      "-H",
      "Authorization: Bearer tg_demo_abc",
      "-H",
      "Content-Type: application/json",
      "-d",
      JSON.stringify({ model: "demo-fast", messages: [{ role: "user", content: "Hello!" }] }),
    ]);
  });

  test("repeats no given password, and shows none that it does not know", () => {
    expect(readyMessage({ ...facts, signIn: { email: "a@b.c", password: null } })).toContain(
      "ADMIN_PASSWORD",
    );
    expect(readyMessage({ ...facts, signIn: null })).toContain("as printed on the first start");
  });

  test("says where to create a key without a demo", () => {
    const message = readyMessage({ ...facts, demoKey: null });
    expect(message).not.toContain("curl");
    expect(message).toMatch(/Key\s+.*portal/);
  });

  test("names the providers created from the environment's keys", () => {
    const message = readyMessage({ ...facts, firstProviders: [{ name: "openai", models: ["a", "b"] }] });
    expect(message).toMatch(/Provider\s+openai, with 2 models/);
  });
});

describe("the address on this machine", () => {
  test.each([
    ["0.0.0.0", "http://localhost:3000"],
    ["::", "http://localhost:3000"],
    ["127.0.0.1", "http://127.0.0.1:3000"],
    ["10.0.0.5", "http://10.0.0.5:3000"],
    ["fe80::1", "http://[fe80::1]:3000"],
  ])("of %s is %s", (host, expected) => {
    expect(localUrl(host, 3000)).toBe(expected);
  });
});
