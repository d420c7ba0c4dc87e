import { join } from "node:path";
import type { SignIn } from "./first-administrator";
import type { FirstProvider } from "./first-providers";

/** The fastest model of the demo (lib/boot/demo/seed-demo.ts). */
const DEMO_MODEL = "demo-fast";

export type ReadyFacts = {
  tookMs: number;
  /** The portal's public address (NEXTAUTH_URL), and this process's address on this machine. */
  portalUrl: string;
  localUrl: string;
  signIn: SignIn | null;
  demoKey: string | null;
  /** Providers created on this start from the environment's keys. */
  firstProviders: readonly FirstProvider[];
  dataDirectory: string | null;
  /** Whether the environment has the CLI's token, instead of the data directory. */
  isAdminKeyGiven: boolean;
};

/** What to print once Tollgate is ready: its addresses, how to sign in, and a command to paste. */
export function readyMessage(facts: ReadyFacts): string {
  const { portalUrl, localUrl, signIn, demoKey } = facts;
  const rows: [string, string][] = [
    ["Portal", portalUrl],
    ...signInRows(signIn),
    ["API", `${localUrl}/v1`],
    ["Key", demoKey ?? "create one in the portal, under API keys"],
    ...facts.firstProviders.map(({ name, models }): [string, string] => [
      "Provider",
      models === null ? `${name}: request its models as ${name}/…` : `${name}, with ${models.length} models`,
    ]),
    ...(facts.dataDirectory ? embeddedRows(facts.dataDirectory, facts.isAdminKeyGiven) : []),
  ];
  const lines = [
    "",
    `  Tollgate is ready (${(facts.tookMs / 1000).toFixed(1)} s)`,
    "",
    ...rows.map(([name, value]) => `    ${name.padEnd(10)}${value}`),
    "",
    ...(demoKey ? tryIt(localUrl, demoKey) : []),
    "  Press Ctrl-C to stop; open streams finish first.",
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function embeddedRows(dataDirectory: string, isAdminKeyGiven: boolean): [string, string][] {
  const place = isAdminKeyGiven ? "the environment" : join(dataDirectory, "secrets.json");
  return [
    ["CLI", `npx tollgate --help (token: ADMIN_API_KEY in ${place})`],
    ["Data", dataDirectory],
  ];
}

function signInRows(signIn: ReadyFacts["signIn"]): [string, string][] {
  if (signIn === null) return [["Sign-in", "as printed on the first start"]];
  return [
    ["Sign-in", signIn.email],
    ["Password", signIn.password ?? "from ADMIN_PASSWORD"],
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
    '  Add -N and "stream": true to see the answer arrive word by word.',
    "",
  ];
}
