import type { Option } from "@commander-js/extra-typings";
import type { Identified } from "#lib/cli/api/answers";
import type { AdminClient, Body } from "#lib/cli/api/client";
import type { Cli } from "#lib/cli/cli";
import type { Lookup } from "./lookups";

/** A command's options as Commander parsed them, by attribute name. */
export type Given = Readonly<Record<string, unknown>>;

/** What a field may need besides its options. */
export type FieldContext = {
  cli: Cli;
  admin: AdminClient;
  /** The name (or e-mail) of what is created. */
  name?: string;
  /** The row that is changed. */
  now?: object;
};

/** Options of a command, and the part of the request that they ask for: a body's field or a query parameter. */
export type Field = {
  options: readonly Option[];
  /** Empty when the options were not given. */
  toRequest(given: Given, context: FieldContext): Body | Promise<Body>;
};

/** Makes fields of a verb's input, so that their names are checked against it. */
export function fieldsOf<Input extends object>() {
  type Name = keyof Input & string;
  return {
    /** An option whose value the API takes unchanged; `--no-…` sends null. */
    field: (name: Name, ...options: readonly Option[]): Field => ({
      options,
      toRequest: (given) => {
        const value = options
          .map((option) => given[option.attributeName()])
          .find((each) => each !== undefined);
        if (value === undefined || value === "") return {};
        return { [name]: value === false ? null : value };
      },
    }),
    /** An option that names a row of another resource; the API takes its id. */
    reference: <Row extends Identified>(name: Name, option: Option, lookup: Lookup<Row>): Field => ({
      options: [option],
      toRequest: async (given, { admin }) => {
        const named = textOf(given, option);
        return named === undefined ? {} : { [name]: (await lookup.find(admin, named)).id };
      },
    }),
  };
}

/** The value of an option without a parser. */
export function textOf(given: Given, option: Option): string | undefined {
  const value = given[option.attributeName()];
  return typeof value === "string" ? value : undefined;
}

/** What all fields ask for together. */
export async function requestOf(
  fields: readonly Field[],
  given: Given,
  context: FieldContext,
): Promise<Body> {
  const parts: Body[] = [];
  for (const each of fields) parts.push(await each.toRequest(given, context));
  return Object.assign({}, ...parts);
}
