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
};

describe("the ready block", () => {
  test("says where to go and how to get in", () => {
    const block = readyMessage(facts);
    for (const text of [
      "https://tollgate.example.com",
      "admin@tollgate.local",
      "once-only",
      "/srv/data",
      "1.2 s",
    ]) {
      expect(block).toContain(text);
    }
  });

  test("says where the command line finds its token", () => {
    expect(readyMessage(facts)).toMatch(/npx tollgate .*ADMIN_API_KEY in \/srv\/data\/secrets\.json/);
    expect(readyMessage({ ...facts, dataDirectory: null })).not.toContain("ADMIN_API_KEY");
  });

  test("has a command that a shell understands when it is pasted", () => {
    const block = readyMessage(facts);
    const command = block.slice(block.indexOf("curl"), block.indexOf("  To watch"));
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

  test("repeats no password that was given, and invents none that it does not know", () => {
    expect(readyMessage({ ...facts, signIn: { email: "a@b.c", password: null } })).toContain(
      "ADMIN_PASSWORD",
    );
    expect(readyMessage({ ...facts, signIn: null })).toContain("as printed on the first start");
  });

  test("without a demo says where a key is made", () => {
    const block = readyMessage({ ...facts, demoKey: null });
    expect(block).not.toContain("curl");
    expect(block).toMatch(/Key\s+.*portal/);
  });

  test("names the providers that the environment's keys made", () => {
    const block = readyMessage({ ...facts, firstProviders: [{ name: "openai", models: ["a", "b"] }] });
    expect(block).toMatch(/Provider\s+openai, with 2 models/);
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
