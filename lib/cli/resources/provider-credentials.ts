import { text } from "node:stream/consumers";
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { Cli } from "#lib/cli/cli";
import { wrongUsage } from "#lib/cli/failure";
import { collected, jsonValue, jsonValues } from "#lib/cli/options/values";
import { counted } from "#lib/cli/output/format";
import { remark } from "#lib/cli/output/show";
import { readTextFile } from "#lib/cli/read-text-file";
import type { Field, Given } from "./field";

type Credential = Record<string, unknown>;

const STDIN = "-";

const apiKeyOption = new Option(
  "--api-key <key>",
  'its API key; "-" reads it from stdin, or several, one a line; may be repeated: the next ones are used where it answers with 401 or 429',
).argParser(collected);
const credentialsOption = new Option(
  "--credentials <json>",
  'other credentials, or a list of them, as the Admin API takes them; "-" reads them from stdin; may be repeated',
).argParser((given, before: (string | Credential)[] | undefined) => [
  ...(before ?? []),
  ...(given === STDIN ? [STDIN] : jsonValues(given)),
]);
const serviceAccountOption = new Option(
  "--service-account <file>",
  "the JSON key file of a Google service account; may be repeated",
).argParser(collected);

/** The credentials of a provider: one or, where several are given, a list. */
export const credentialsField: Field = {
  options: [apiKeyOption, credentialsOption, serviceAccountOption],
  toRequest: async (given, { cli }) => {
    const all = await credentialsIn(given, cli);
    if (all.length > 1) {
      const names = all.map(maskedName).join(", ");
      remark(cli, `${counted(all.length, "credential")}, tried in this order: ${names}`);
    }
    if (all.length === 0) return {};
    return { credentials: all.length === 1 ? all[0] : all };
  },
};

async function credentialsIn(given: Given, cli: Cli): Promise<Credential[]> {
  const keyFiles = listOf(given, serviceAccountOption);
  const apiKeys = listOf(given, apiKeyOption);
  const others = listOf(given, credentialsOption);
  if ([...apiKeys, ...others].filter((each) => each === STDIN).length > 1)
    throw wrongUsage("Only one --api-key or --credentials can be read from stdin.");
  const accounts = keyFiles.map((path): Credential => ({ service_account: jsonIn(String(path)) }));
  const read = (await Promise.all(others.map((each) => credentialsOfOption(each, cli)))).flat();
  const keys = (await Promise.all(apiKeys.map((each) => keysOfOption(String(each), cli)))).flat();
  if (keys.length === 0) return [...accounts, ...read];
  if (read.length > 1) throw wrongUsage("Pass either several --credentials or --api-key.");
  return [...accounts, ...keys.map((key): Credential => ({ ...read[0], api_key: key }))];
}

function listOf(given: Given, option: Option): readonly unknown[] {
  const value = given[option.attributeName()];
  return Array.isArray(value) ? value : [];
}

async function keysOfOption(given: string, cli: Cli): Promise<string[]> {
  if (given !== STDIN) return [given];
  const lines = (await fromStdin(cli, "the API key, or several, one a line")).split("\n");
  const keys = lines.map((line) => line.trim()).filter((line) => line !== "");
  if (keys.length === 0) throw wrongUsage("--api-key -: stdin is empty. Pipe the API key in.");
  return keys;
}

async function credentialsOfOption(given: unknown, cli: Cli): Promise<Credential[]> {
  if (given !== STDIN) return [Object(given)];
  return parsed("--credentials -:", jsonValues, await fromStdin(cli, "the credentials as JSON"));
}

const jsonIn = (path: string): Credential => parsed(`${path} is no key file:`, jsonValue, readTextFile(path));

/** @throws CliError that quotes nothing of the text: it is secret */
function parsed<Value>(what: string, parse: (text: string) => Value, from: string): Value {
  try {
    return parse(from);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw wrongUsage(`${what} ${error.message}`);
  }
}

async function fromStdin({ io }: Cli, what: string): Promise<string> {
  if (io.input.isTerminal) io.err.write(`Enter ${what}, then press Enter and Ctrl-D: `);
  return (await text(io.input.stream)).trim();
}

/** Fields by which one of several credentials is known. */
const NAMING = ["api_key", "access_key_id", "client_id"];
const SHOWN = 4;
/** A shorter value would be guessed from its end. */
const LEAST_TO_SHOW = 16;

/** The end of a credential, which tells it from others and is of no use. */
export function maskedName(credential: Credential): string {
  const account = Object(credential.service_account);
  const value = [...NAMING.map((name) => credential[name]), account.private_key_id].find(
    (each) => typeof each === "string",
  );
  return typeof value === "string" && value.length >= LEAST_TO_SHOW ? `…${value.slice(-SHOWN)}` : "…";
}
