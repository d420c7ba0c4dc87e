import { type CommandUnknownOpts, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { type AdminClient, type Body, segment } from "#lib/cli/api/client";
import { allPages, onePage } from "#lib/cli/api/pages";
import type { Cli } from "#lib/cli/cli";
import { wrongUsage } from "#lib/cli/failure";
import { confirmDeletion } from "#lib/cli/output/confirm";
import { print, remark, show } from "#lib/cli/output/show";
import { readTextFile } from "#lib/cli/read-text-file";
import { yesOption } from "#lib/cli/resources/commands/change";
import { dataOption, withData } from "#lib/cli/resources/commands/data-option";
import { pageIn, pageOptions } from "#lib/cli/resources/commands/list";
import type { Field, Given } from "#lib/cli/resources/field";
import { windowChange, windowField } from "#lib/cli/resources/limits";
import {
  appLookup,
  keyLookup,
  modelLookup,
  organizationLookup,
  providerLookup,
  userLookup,
} from "#lib/cli/resources/lookups";
import { ofOrganization } from "#lib/cli/resources/organization-filter";
import type { DerivedField, DerivedOperation } from "./derived-operation";
import { factsOf, tableOf } from "./show-anything";

/** Adds a command for each operation, to the group of its resource or to a new one. */
export function addDerived(
  parent: CommandUnknownOpts,
  cli: Cli,
  operations: readonly DerivedOperation[],
): void {
  for (const operation of operations) addOperation(groupOf(parent, operation), cli, operation);
}

function groupOf(parent: CommandUnknownOpts, { group: name }: DerivedOperation): CommandUnknownOpts {
  const known = parent.commands.find((command) => command.name() === name);
  if (known !== undefined) return known;
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll("-", " ")}s`;
  return parent.command(name).alias(`${name}s`).helpCommand(false).description(`${title} of the Admin API`);
}

function addOperation(group: CommandUnknownOpts, cli: Cli, operation: DerivedOperation): void {
  const { method, path, verb, summary, fields, takesFile = false, isList = false } = operation;
  const parameters = path.match(/\{\w+\}/g) ?? [];
  const named =
    verb === "create" ? fields.find(({ name, required }) => required && name === "name") : undefined;
  const options = fields.map((field) => optionOf(field === named ? { ...field, required: false } : field));
  const command = group.command(verb).description(summary.charAt(0).toLowerCase() + summary.slice(1));
  for (const parameter of parameters)
    command.argument(`<${parameter.slice(1, -1)}>`, namedBy(path, parameter));
  if (named !== undefined) command.argument("[name]", "its name");
  if (takesFile) command.argument("<file>", "a file of JSON");
  const limits = limitsOf(operation);
  const takesData = !takesFile && fields.length > 0 && (method === "POST" || method === "PATCH");
  const more = [
    ...(isList ? pageOptions : []),
    ...(method === "DELETE" ? [yesOption] : []),
    ...(limits?.options ?? []),
    ...(takesData ? [dataOption] : []),
    ...(isOfUser(path) ? ofOrganization.options : []),
  ];
  for (const option of [...options, ...more]) command.addOption(option);
  command.action(async () => {
    const { args } = command;
    const given = withName(command.opts(), named && args[parameters.length], named !== undefined);
    const admin = cli.admin();
    const asked = takesFile
      ? readJson(readTextFile(args[parameters.length] ?? ""))
      : asSent(method, await inputOf(admin, fields, options, given));
    const within = isOfUser(path) ? await ofOrganization.toRequest(given, { cli, admin }) : undefined;
    let filled = path;
    for (const [at, parameter] of parameters.entries()) {
      filled = filled.replace(parameter, segment(await idOf(admin, path, parameter, args[at] ?? "", within)));
    }
    const whole = method === "PATCH" ? await withOtherParts(admin, filled, asked, given) : asked;
    const limited = { ...whole, ...(await limits?.toRequest(given, { cli, admin, now: whole })) };
    const input = takesData ? withData(limited, given) : limited;
    const label = `${summary.replace(/^\w+ /, "")}: ${args.join(" ")}`;
    await run(cli, admin, { method, path: filled, isList, label }, input, given);
  });
}

/** The name is an argument, as in commands written by hand, or an option. */
function withName(given: Given, argument: string | undefined, isNamed: boolean): Given {
  if (!isNamed || (argument === undefined && given.name !== undefined)) return given;
  if (given.name !== undefined && given.name !== argument)
    throw wrongUsage(`Both "${argument}" and --name ${given.name} were given. Pass one of them.`);
  if (argument === undefined) throw wrongUsage("missing required argument 'name'");
  return { ...given, name: argument };
}

type Sent = Pick<DerivedOperation, "method" | "path" | "isList"> & {
  /** Like `an app: chat`. */ label: string;
};

async function run(
  cli: Cli,
  admin: AdminClient,
  { method, path, isList, label }: Sent,
  input: Body,
  given: Given,
) {
  if (method === "DELETE") {
    await confirmDeletion(cli, label, given.yes === true);
    await admin.delete(path);
    return remark(cli, "Done.");
  }
  if (isList) {
    const answer = given.all
      ? await allPages(admin, path, z.unknown(), input)
      : await onePage(admin, path, z.unknown(), { ...input, ...pageIn(given) });
    return show(cli, answer, ({ items, next }) => {
      if (items.length === 0) remark(cli, "None.");
      else print(cli, ...tableOf(items, cli.io.out));
      if (next !== null) remark(cli, `There are more: pass --all, or --cursor ${next} for the next page.`);
    });
  }
  const send = { GET: admin.get, POST: admin.post, PATCH: admin.patch }[method];
  show(cli, await send(path, z.unknown(), input), (value) => print(cli, ...factsOf(value, cli.io.out)));
}

/** Names of options that are shorter than the API's, as in commands written by hand. */
const SHORT: Readonly<Record<string, string>> = {
  api_key_id: "key",
  app_id: "app",
  organization_id: "org",
  provider_id: "provider",
  user_id: "user",
};
/** Options of every command. */
const TAKEN = new Set(["url", "token", "profile", "json", "yes", "limit", "cursor", "all"]);

/** The option of a field: `--org` for `organization_id`, `--budget-limit-usd` for `budget.limit_usd`. */
export function flagOf(name: string): string {
  const [last = ""] = name.split(".").slice(-1);
  const plain = SHORT[last] ?? name.replace(/[._]/g, "-");
  return TAKEN.has(plain) ? `${plain}-value` : plain;
}

function optionOf({ name, kind, choices, required, description = "" }: DerivedField): Option {
  const text =
    choices === undefined ? description : `${description}${description && ": "}${choices.join(", ")}`;
  const option = new Option(`--${flagOf(name)} <${kind === "texts" ? "text" : kind}>`, text);
  option.argParser(PARSERS[kind]);
  if (required) option.makeOptionMandatory();
  return option;
}

const numberValue = (text: string): number => {
  const number = Number(text);
  if (text.trim() === "" || Number.isNaN(number)) throw new InvalidArgumentError("Must be a number.");
  return number;
};

const PARSERS: Readonly<Record<DerivedField["kind"], (text: string, before: unknown) => unknown>> = {
  text: orNull((text) => text),
  number: orNull(numberValue),
  boolean: orNull((text) => {
    if (text !== "true" && text !== "false") throw new InvalidArgumentError("Must be true or false.");
    return text === "true";
  }),
  texts: (text, before) => (text === NULL ? NULL : [...(Array.isArray(before) ? before : []), text]),
  json: orNull(readJson),
};

/** Removes what a field has. */
const NULL = "null";

/** Commander would make a text of null, so it is one until the body is made. */
function orNull(parse: (text: string) => unknown): (text: string) => unknown {
  return (text) => (text === NULL ? NULL : parse(text));
}

function readJson(text: string): Body {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError("Must be JSON.");
  }
}

/** The body or query that the options ask for. */
async function inputOf(
  admin: AdminClient,
  fields: readonly DerivedField[],
  options: readonly Option[],
  given: Given,
): Promise<Body> {
  const input: Record<string, unknown> = {};
  for (const [at, { name }] of fields.entries()) {
    const value = given[options[at]?.attributeName() ?? ""];
    if (value === undefined) continue;
    const [field = "", part] = name.split(".");
    const isText = typeof value === "string" && value !== NULL;
    const found = isText ? await referenceOf(admin, part ?? field, value) : value === NULL ? null : value;
    if (part === undefined) input[field] = found;
    else input[field] = { ...Object(input[field]), [part]: found };
  }
  return input;
}

/** A query has an object's parts: `metadata[team]=search`. */
function asSent(method: DerivedOperation["method"], input: Body): Body {
  if (method !== "GET") return input;
  return Object.fromEntries(
    Object.entries(input).flatMap(([name, value]) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.entries(value).map(([part, each]) => [`${name}[${part}]`, each])
        : [[name, value]],
    ),
  );
}

const LOOKUPS = {
  api_key_id: keyLookup,
  app_id: appLookup,
  organization_id: organizationLookup,
  provider_id: providerLookup,
  user_id: userLookup,
} as const;
const BY_RESOURCE = {
  "api-keys": keyLookup,
  apps: appLookup,
  models: modelLookup,
  organizations: organizationLookup,
  providers: providerLookup,
  users: userLookup,
} as const;

/** The id of what a name means, where the API takes only ids. */
async function referenceOf(admin: AdminClient, field: string, value: string): Promise<string> {
  const lookup = Object.entries(LOOKUPS).find(([name]) => name === field)?.[1];
  return lookup === undefined ? value : (await lookup.find(admin, value)).id;
}

const lookupOf = (path: string, parameter: string) =>
  parameter === "{id}"
    ? Object.entries(BY_RESOURCE).find(([resource]) => path.startsWith(`/${resource}/{id}`))?.[1]
    : undefined;

const namedBy = (path: string, parameter: string) =>
  lookupOf(path, parameter) === undefined ? "id" : "name or id";

async function idOf(
  admin: AdminClient,
  path: string,
  parameter: string,
  given: string,
  within: Body | undefined,
): Promise<string> {
  const lookup = lookupOf(path, parameter);
  return lookup === undefined ? given : (await lookup.find(admin, given, within)).id;
}

const isOfUser = (path: string): boolean => path.startsWith("/users/{id}");

/** The options of windows, which are easier to write than `rate_limits` as JSON. */
function limitsOf({ method, fields }: DerivedOperation): Field | null {
  if (!fields.some(({ name }) => name === LIMITS)) return null;
  return method === "PATCH" ? windowChange : windowField;
}

const LIMITS = "rate_limits";

/** The API replaces rate limits as a whole: what no option names stays. */
async function withOtherParts(admin: AdminClient, path: string, input: Body, given: Given): Promise<Body> {
  const isPartly = input[LIMITS] != null || given.window !== undefined || given.windows === false;
  if (!isPartly || given.rateLimits !== undefined) return input;
  const { value } = await admin.get(path, z.looseObject({}));
  return { ...input, [LIMITS]: { ...Object(value[LIMITS]), ...Object(input[LIMITS]) } };
}
