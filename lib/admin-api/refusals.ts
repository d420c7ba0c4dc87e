import "server-only";
import { pageOf } from "#lib/services/page";
import { ListRefusalsQuery, listRefusals } from "#lib/services/refusals/list-refusals";
import { Refusal } from "#lib/services/refusals/refusal";
import { type Operation, operation } from "./operation";

export const refusalOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/refusals",
    summary: "List refused requests",
    description:
      "Who was refused, why and how often, by the hour, newest first: what the data plane has answered with an error before anything was held or sent to a provider. Counted, not listed one by one, so that a flood of them costs nothing; a few seconds old. Requests that were let through, and what became of them, are in `/requests`.",
    tag: "Requests",
    status: 200,
    input: ListRefusalsQuery,
    output: pageOf(Refusal),
    run: listRefusals,
  }),
];
