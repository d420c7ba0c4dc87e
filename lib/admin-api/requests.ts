import { pageOf } from "#lib/services/page";
import { getRequest, RequestId } from "#lib/services/requests/get-request";
import { LedgerRequest } from "#lib/services/requests/ledger-request";
import { ListRequestsQuery, listRequests } from "#lib/services/requests/list-requests";
import { type Operation, operation } from "./operation";

const tag = "Requests";

/** The ledger. */
export const requestOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/requests",
    summary: "List requests",
    description: "The ledger, newest first: requests, and adjustments made by hand.",
    tag,
    status: 200,
    input: ListRequestsQuery,
    output: pageOf(LedgerRequest),
    run: listRequests,
  }),
  operation({
    method: "GET",
    path: "/requests/{id}",
    summary: "Read a request",
    tag,
    status: 200,
    input: RequestId,
    output: LedgerRequest,
    run: getRequest,
  }),
];
