import { join } from "node:path";
import type { SignIn } from "./first-administrator";
import type { FirstProvider } from "./first-providers";

/** The demo's quickest (demo-data.ts). */
const DEMO_MODEL = "demo-fast";

export type ReadyFacts = {
  tookMs: number;
  /** Where the portal is for people (NEXTAUTH_URL), and where this process is on this machine. */
  portalUrl: string;
  localUrl: string;
  signIn: SignIn | null;
  demoKey: string | null;
  /** Those that were made just now, from the environment's keys. */
  firstProviders: readonly FirstProvider[];
  dataDirectory: string | null;
};

/** What is printed once Tollgate can be used: where to go, how to get in, and something to paste. */
export function readyMessage(facts: ReadyFacts): string {
  const { portalUrl, localUrl, signIn, demoKey } = facts;
  const rows: [string, string][] = [
    ["Portal", portalUrl],
    ...signInRows(signIn),
    ["API", `${localUrl}/v1`],
    ["Key", demoKey ?? "make one in the portal, under Keys"],
    ...facts.firstProviders.map(({ name, models }): [string, string] => [
      "Provider",
      `${name}, with ${models.length} models`,
    ]),
    ...(facts.dataDirectory ? embeddedRows(facts.dataDirectory) : []),
  ];
  const lines = [
    "",
    `  Tollgate is ready (${(facts.tookMs / 1000).toFixed(1)} s)`,
    "",
    ...rows.map(([name, value]) => `    ${name.padEnd(10)}${value}`),
    "",
    ...(demoKey ? tryIt(localUrl, demoKey) : []),
    "  Ctrl-C stops it: open streams finish first.",
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function embeddedRows(dataDirectory: string): [string, string][] {
  return [
    ["CLI", `npx tollgate --help; its token is ADMIN_API_KEY in ${join(dataDirectory, "secrets.json")}`],
    ["Data", dataDirectory],
  ];
}

function signInRows(signIn: ReadyFacts["signIn"]): [string, string][] {
  if (signIn === null) return [["Sign-in", "as printed on the first start"]];
  return [
    ["Sign-in", signIn.email],
    ["Password", signIn.password ?? "the one in ADMIN_PASSWORD"],
  ];
}

function tryIt(localUrl: string, key: string): string[] {
  const body = JSON.stringify({ model: DEMO_MODEL, messages: [{ role: "user", content: "Hello!" }] });
  return [
    "  Try it:",
    "",
    `    curl ${localUrl}/v1/chat/completions \\`,
    `      -H "Authorization: Bearer ${key}" \\`,
    '      -H "Content-Type: application/json" \\',
    `      -d '${body}'`,
    "",
    '  To watch it arrive word by word, add -N and "stream": true.',
    "",
  ];
}
