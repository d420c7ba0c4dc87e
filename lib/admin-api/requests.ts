import { getRequest } from "#lib/services/requests/get-request";
import { listRequests } from "#lib/services/requests/list-requests";
import { requestsCsv } from "#lib/services/requests/requests-csv";
import { type Operation, operation } from "./operation";

const tag = "Requests";

export const requestOperations: readonly Operation[] = [
  operation("GET /requests", listRequests, {
    summary: "List requests",
    description:
      "The ledger, newest first: requests and manual adjustments. A page reads a bounded number of rows, so where few of them match it may be short, and even empty, while `next_cursor` is set: the matches that are left are on the pages after it. `format=csv` answers all of them, however many.",
    csv: requestsCsv,
    tag,
  }),
  operation("GET /requests/{id}", getRequest, {
    summary: "Get a request",
    description: "By its id, or else the newest one with that id of the client's (`client_request_id`).",
    tag,
  }),
];
