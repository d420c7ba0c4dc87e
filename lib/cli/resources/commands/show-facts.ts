import type { Identified } from "#lib/cli/api/answers";
import type { Cli } from "#lib/cli/cli";
import { print } from "#lib/cli/output/show";
import { factLines } from "#lib/cli/output/table";
import type { Resource } from "#lib/cli/resources/resource";

/** Prints one row, a fact a line. */
export function showFacts<Row extends Identified>(cli: Cli, resource: Resource<Row>, row: Row): void {
  print(cli, ...factLines(resource.facts(row), cli.io.out));
}
