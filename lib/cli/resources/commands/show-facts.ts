import type { Identified } from "#lib/cli/api/answers";
import type { Answer } from "#lib/cli/api/client";
import type { Cli } from "#lib/cli/cli";
import { print, show } from "#lib/cli/output/show";
import { factLines } from "#lib/cli/output/table";
import type { Resource } from "#lib/cli/resources/resource";

/** Shows an answer that is one row, as facts or as JSON. */
export const showRow = <Row extends Identified>(
  cli: Cli,
  resource: Resource<Row>,
  answer: Answer<Row>,
): void => show(cli, answer, (row) => showFacts(cli, resource, row));

/** Prints one row, a fact a line. */
export function showFacts<Row extends Identified>(cli: Cli, resource: Resource<Row>, row: Row): void {
  print(cli, ...factLines(resource.facts(row), cli.io.out));
}
