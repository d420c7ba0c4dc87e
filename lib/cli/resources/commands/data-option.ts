import { Option } from "@commander-js/extra-typings";
import type { Body, Query } from "#lib/cli/api/client";
import { wrongUsage } from "#lib/cli/failure";
import { collected, jsonValue } from "#lib/cli/options/values";
import type { Given } from "#lib/cli/resources/field";

/** For fields of the API that have no option of their own. */
export const dataOption = new Option("--data <json>", "other fields of the API, as a JSON object").argParser(
  jsonValue,
);

/**
 * A body with the fields of `--data`.
 * @throws CliError for a field that has been given another way, too
 */
export function withData(body: Body, { data }: Given): Body {
  const others: Body = { ...Object(data) };
  const twice = Object.keys(others).find((name) => Object.hasOwn(body, name));
  if (twice === undefined) return { ...body, ...others };
  throw wrongUsage(`"${twice}" was given in --data and by another option or argument. Pass it once.`);
}

/** For filters of the API that have no option of their own. */
export const filterOption = new Option(
  "--filter <name=value>",
  "another filter of the API; may be repeated",
).argParser(collected);

/** @throws CliError for a filter without a value */
export function filtersIn({ filter }: Given): Query {
  const given: unknown[] = Array.isArray(filter) ? filter : [];
  return Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(String(text)) ?? [];
      if (name === undefined) throw wrongUsage(`--filter: "${text}" is not name=value.`);
      return [name, value];
    }),
  );
}
