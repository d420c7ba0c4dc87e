import { getRequest } from "#lib/services/requests/get-request";
import { listRequests } from "#lib/services/requests/list-requests";
import { type Operation, operation } from "./operation";

const tag = "Requests";

export const requestOperations: readonly Operation[] = [
  operation("GET /requests", listRequests, {
    summary: "List requests",
    description: "The ledger, newest first: requests and manual adjustments.",
    tag,
  }),
  operation("GET /requests/{id}", getRequest, { summary: "Get a request", tag }),
];
